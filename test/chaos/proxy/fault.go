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

// Fault is what a client gets in place of the server's answer.
type Fault string

const (
	// None lets the answer through.
	None Fault = ""
	// Conflict is a 409.
	Conflict Fault = "409"
	// Throttled is a 429 that asks to come back after a second.
	Throttled Fault = "429"
	// Broken is a 500.
	Broken Fault = "500"
	// Silence is no answer for a while, and then the end of the connection.
	Silence Fault = "no answer"
	// Late is the answer, after a while. It makes sense only when the server has answered.
	Late Fault = "late"
	// Reset is a connection that is reset at once.
	Reset Fault = "reset"
)

// retryAfter is the number of seconds after which an API server asks to come back.
const retryAfter = 1

// faultError carries a fault in place of the server's answer.
type faultError struct{ fault Fault }

func (e faultError) Error() string { return string(e.fault) }

// fail ends a request that has no answer to pass on: by the fault in its place, or, when the server did not answer, with
// the end of the connection.
func fail(w http.ResponseWriter, r *http.Request, err error) {
	var instead faultError
	errors.As(err, &instead)
	inject(w, r, instead.fault)
}

// inject answers with a fault.
func inject(w http.ResponseWriter, r *http.Request, fault Fault) {
	switch fault {
	case Conflict:
		refuse(w, apierrors.NewConflict(schema.GroupResource{Resource: "objects"}, r.URL.Path, errors.New("the object has been modified")))
	case Throttled:
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		refuse(w, apierrors.NewTooManyRequests("the server has received too many requests", retryAfter))
	case Broken:
		refuse(w, apierrors.NewInternalError(errors.New("etcdserver: leader changed")))
	case Silence:
		timer := time.NewTimer(hush)
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

func refuse(w http.ResponseWriter, refusal *apierrors.StatusError) {
	status := refusal.Status()
	status.TypeMeta = metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(int(status.Code))
	_ = json.NewEncoder(w).Encode(&status) // a client that has gone needs no answer
}

// reset closes the connection without a goodbye.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // without it the close is a polite one, which clients take for an end of file
	}
	_ = conn.Close()
}
