// Package roster derives what follows from the roster of a Workshop: the names of everything that is made for an attendee, and
// when it closes for whom. It does no I/O.
//
// What a facilitator writes into a roster is never copied into a name: it may be of any script and case, and it may have
// been written to do harm.
package roster

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

const (
	// prefix is what the namespaces of all attendees begin with.
	prefix = "ws-"
	// hashLength is the number of hexadecimal digits of a hash in a name: 64 bits, so that nobody finds a second name with
	// the same hash.
	hashLength = 16
	// maxHandle is the length of the longest handle.
	maxHandle = 30
	// maxNamespace is the length of the longest name of a namespace.
	maxNamespace = 63
)

// Handle is an attendee's name as it stands in labels and names of objects: the name itself where it is a DNS label of at
// most 30 characters, and else what is left of it, with a hash. Two names with the same handle are one identity: a roster
// that has them is refused, see Shared.
func Handle(attendee string) string {
	if len(attendee) <= maxHandle && len(validation.IsDNS1123Label(attendee)) == 0 && !endsInHash(attendee) {
		return attendee
	}
	kept := slug(attendee)
	kept = strings.Trim(kept[:min(len(kept), maxHandle-hashLength-1)], "-")
	if kept == "" {
		// Nothing of the name is left that a label could hold.
		kept = "attendee"
	}
	return kept + "-" + hash(attendee)
}

// Shared finds two names of a roster that have the same handle. It returns false if there are none.
func Shared(attendees []v1beta1.Attendee, handle func(name string) string) (one, other string, shared bool) {
	names := make(map[string]string, len(attendees))
	for _, attendee := range attendees {
		known, taken := names[handle(attendee.Name)]
		if taken && known != attendee.Name {
			return known, attendee.Name, true
		}
		names[handle(attendee.Name)] = attendee.Name
	}
	return "", "", false
}

// NameOf is the name in a workshop's roster that a handle stands for, or the handle where the roster has no such name. A
// nil workshop has no roster.
func NameOf(workshop *v1beta1.Workshop, handle string) string {
	if workshop == nil {
		return handle
	}
	for _, attendee := range workshop.Spec.Attendees {
		if Handle(attendee.Name) == handle {
			return attendee.Name
		}
	}
	return handle
}

// NamespaceName is the name of the namespace that holds an attendee's Labs and account. It has at most 63 characters, and
// keeps as much of the workshop's name as there is room for.
func NamespaceName(workshop types.NamespacedName, handle string) string {
	room := max(0, maxNamespace-len(prefix)-len(handle)-hashLength-len("--"))
	short := strings.TrimRight(workshop.Name[:min(len(workshop.Name), room)], "-")
	return prefix + short + "-" + handle + "-" + hash(workshop.String()+"/"+handle)
}

// SecretName is the name of the Secret with an attendee's kubeconfig, in the workshop's namespace. Neither a workshop's name
// nor a handle has a dot, so no two attendees meet.
func SecretName(workshop, handle string) string { return workshop + "." + handle }

// ResultName is the name of the LabResult of a Lab, in the workshop's namespace.
func ResultName(workshop, handle, lab, exercise string) string {
	return strings.Join([]string{workshop, handle, lab, exercise}, ".")
}

// ClosesAt is when a workshop closes for one of its attendees.
func ClosesAt(workshop *v1beta1.Workshop, attendee v1beta1.Attendee) time.Time {
	closes := workshop.Spec.ClosesAt.Time
	for _, extension := range []*metav1.Duration{workshop.Spec.ExtendBy, attendee.ExtendBy} {
		if extension != nil {
			closes = closes.Add(extension.Duration)
		}
	}
	return closes
}

// Seat is where in a workshop a Lab belongs.
type Seat struct {
	// Workshop that the Lab was made for.
	Workshop types.NamespacedName
	// Handle of the attendee.
	Handle string
	// Attendee is the handle too. NameOf finds the name in the roster.
	Attendee string
}

// SeatOf reads from a Lab's labels where it belongs; false for a Lab of no workshop. A Lab that claims a seat and stands
// in another namespace than the attendee's has none: only there nobody but the operator makes Labs. Learners may write a
// Lab's annotations, so nothing is read from them.
func SeatOf(lab *v1beta1.Lab) (Seat, bool) {
	seat := Seat{
		Workshop: types.NamespacedName{Namespace: lab.Labels[v1beta1.WorkshopNamespaceLabel], Name: lab.Labels[v1beta1.WorkshopLabel]},
		Handle:   lab.Labels[v1beta1.AttendeeLabel],
	}
	if seat.Handle == "" || lab.Namespace != NamespaceName(seat.Workshop, seat.Handle) {
		return Seat{}, false
	}
	seat.Attendee = seat.Handle
	return seat, true
}

// slug keeps what a DNS label can hold: letters without their accents in lower case, digits, and single dashes for the rest.
func slug(name string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(name) {
		r = unicode.ToLower(r)
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r):
			// An accent that was split off its letter.
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return b.String()
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:hashLength]
}

// endsInHash tells whether a name could be read as a handle with a hash.
func endsInHash(name string) bool {
	at := len(name) - hashLength
	return at > 0 && name[at-1] == '-' && strings.Trim(name[at:], "0123456789abcdef") == ""
}
