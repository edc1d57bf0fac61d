package proxy

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strconv"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// Fault is what a client gets in place of the server's response.
type Fault string

const (
	// None lets the response through.
	None Fault = ""
	// Conflict is a 409.
	Conflict Fault = "409"
	// Throttled is a 429 that asks to come back after a second.
	Throttled Fault = "429"
	// ServerError is a 500.
	ServerError Fault = "500"
	// NoResponse is no response for a while, and then the end of the connection.
	NoResponse Fault = "no answer"
	// LateResponse is the response, after a while. It applies only when the server has responded.
	LateResponse Fault = "late"
	// Reset is a connection that is reset at once.
	Reset Fault = "reset"
)

// retryAfter is the number of seconds after which an API server asks to come back.
const retryAfter = 1

// faultError carries a fault in place of the server's response.
type faultError struct{ fault Fault }

func (e faultError) Error() string { return string(e.fault) }

// handleError ends a request without a response to pass on: by the fault in its place or, if the
// server did not respond, by the end of the connection.
func handleError(w http.ResponseWriter, r *http.Request, err error) {
	var instead faultError
	errors.As(err, &instead)
	inject(w, r, instead.fault)
}

// inject responds with a fault.
func inject(w http.ResponseWriter, r *http.Request, fault Fault) {
	switch fault {
	case Conflict:
		writeStatus(w, apierrors.NewConflict(schema.GroupResource{Resource: "objects"}, r.URL.Path, errors.New("the object has been modified")))
	case Throttled:
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		writeStatus(w, apierrors.NewTooManyRequests("the server has received too many requests", retryAfter))
	case ServerError:
		writeStatus(w, apierrors.NewInternalError(errors.New("etcdserver: leader changed")))
	case NoResponse:
		timer := time.NewTimer(responseDelay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
		}
		panic(http.ErrAbortHandler)
	case Reset:
		reset(w)
	default:
		panic(http.ErrAbortHandler)
	}
}

func writeStatus(w http.ResponseWriter, refusal *apierrors.StatusError) {
	status := refusal.Status()
	status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(int(status.Code))
	_ = json.NewEncoder(w).Encode(&status) // a client that has gone needs no response
}

// reset closes the connection with a TCP reset.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it, clients get an end of file
	}
	_ = conn.Close()
}
