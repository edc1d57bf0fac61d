package roster_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/roster"
)

func TestHandle(t *testing.T) {
	tests := map[string]struct{ name, want string }{
		"a short label is kept":             {"ada", "ada"},
		"digits and dashes are kept":        {"team-7", "team-7"},
		"upper case is lowered":             {"Ada", "ada-99a563ab2f6e21e9"},
		"an address becomes a label":        {"ada.lovelace@example.org", "ada-lovelace-7799473ff091b381"},
		"accents are left out":              {"Zoë Müller", "zoe-muller-d6e575a6b527db9e"},
		"other scripts leave the hash":      {"山田太郎", "attendee-6b0e1c8cc616be88"},
		"a path is no path any more":        {"../kube-system", "kube-system-48c7b2e45ecc8357"},
		"a label that ends in a hash":       {"ada-99a563ab2f6e21e9", "ada-99a563ab2-"},
		"a long label is cut":               {strings.Repeat("a", 31), strings.Repeat("a", 13) + "-"},
		"dashes at the cut are left out":    {strings.Repeat("a", 12) + "-----" + strings.Repeat("b", 19), strings.Repeat("a", 12) + "-"},
		"what looks like YAML is no YAML":   {"ada: {evil: true}", "ada-evil-true-"},
		"a template is not expanded":        {"{{ .Values.x }}", "values-x-"},
		"a shell's words are only words":    {"ada;rm -rf /", "ada-rm-rf-"},
		"full width letters become letters": {"Ａｄａ", "ada-"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := roster.Handle(tc.name)
			if tc.want != got && !(strings.HasSuffix(tc.want, "-") && len(got) == len(tc.want)+16 && strings.HasPrefix(got, tc.want)) {
				t.Errorf("Handle(%q) = %q, want %q", tc.name, got, tc.want)
			}
		})
	}
}

func TestNamesThatDifferInLittleStayApart(t *testing.T) {
	seen := map[string]string{}
	names := []string{"ada", "Ada", "ADA", "ada ", "ada.", "a-da", "a.da", "ada-99a563ab2f6e21e9", "ada-99a563ab", "Ａda", "ａda", "Äda", "A\u0308da"}
	for _, name := range append(names, roster.Handle("Ada"), roster.Handle("ADA")) {
		handle := roster.Handle(name)
		if other, taken := seen[handle]; taken && other != name {
			t.Errorf("%q and %q both get %s", other, name, handle)
		}
		seen[handle] = name
	}
}

func TestNamesAreOfOneAttendeeOnly(t *testing.T) {
	seen := map[string]string{}
	for _, namespace := range []string{"workshops", "team"} {
		for _, workshop := range []string{"a", "a-b", "a-b-c", strings.Repeat("w", 40), strings.Repeat("w", 39) + "x"} {
			for _, attendee := range []string{"c", "b-c", "b"} {
				key := types.NamespacedName{Namespace: namespace, Name: workshop}
				who := key.String() + "/" + attendee
				for _, made := range []string{
					roster.NamespaceName(key, attendee),
					namespace + " secret " + roster.SecretName(workshop, attendee),
					namespace + " result " + roster.ResultName(workshop, attendee, "lab", "exercise"),
				} {
					if other, taken := seen[made]; taken {
						t.Errorf("%s and %s both get %s", other, who, made)
					}
					seen[made] = who
				}
			}
		}
	}
}

func TestSeatOf(t *testing.T) {
	workshop := types.NamespacedName{Namespace: "workshops", Name: "kubecon"}
	handle := roster.Handle("Ada")
	lab := func(namespace, annotation string) *v1beta1.Lab {
		return &v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{
			Name: "hpa", Namespace: namespace,
			Labels: map[string]string{
				v1beta1.WorkshopNamespaceLabel: workshop.Namespace, v1beta1.WorkshopLabel: workshop.Name,
				v1beta1.AttendeeLabel: roster.Handle("Ada"),
			},
			Annotations: map[string]string{v1beta1.AttendeeAnnotation: annotation},
		}}
	}
	home := roster.NamespaceName(workshop, handle)
	adas := roster.Seat{Workshop: workshop, Handle: handle, Attendee: handle}
	tests := map[string]struct {
		lab    *v1beta1.Lab
		want   roster.Seat
		seated bool
	}{
		"a lab of an attendee":                    {lab(home, "Ada"), adas, true},
		"an annotation with another name":         {lab(home, "Bob"), adas, true},
		"an annotation with a name of any length": {lab(home, strings.Repeat("Ada", 1000)), adas, true},
		"an annotation with control characters":   {lab(home, "Ada\x1b[31m"), adas, true},
		"an annotation that is empty":             {lab(home, ""), adas, true},
		"labels that are claimed elsewhere":       {lab("default", "Ada"), roster.Seat{}, false},
		"a lab that a learner made for fun":       {&v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Name: "hpa", Namespace: "default"}}, roster.Seat{}, false},
		"labels of an attendee without name":      {&v1beta1.Lab{ObjectMeta: metav1.ObjectMeta{Namespace: "ws--" + "-", Labels: map[string]string{v1beta1.WorkshopLabel: "kubecon"}}}, roster.Seat{}, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, seated := roster.SeatOf(tc.lab)
			if diff := cmp.Diff(tc.want, got); diff != "" || seated != tc.seated {
				t.Errorf("seated %t, want %t (-want +got):\n%s", seated, tc.seated, diff)
			}
		})
	}
}

func TestNameOf(t *testing.T) {
	workshop := &v1beta1.Workshop{Spec: v1beta1.WorkshopSpec{Attendees: []v1beta1.Attendee{{Name: "ada"}, {Name: "Zoë Müller"}}}}
	tests := map[string]struct {
		workshop     *v1beta1.Workshop
		handle, want string
	}{
		"a plain name":               {workshop, "ada", "ada"},
		"a name with a hash":         {workshop, roster.Handle("Zoë Müller"), "Zoë Müller"},
		"somebody who was taken out": {workshop, "bob", "bob"},
		"a workshop that is gone":    {nil, "ada", "ada"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := roster.NameOf(tc.workshop, tc.handle); got != tc.want {
				t.Errorf("NameOf(%q) = %q, want %q", tc.handle, got, tc.want)
			}
		})
	}
}

// TestShared has a weak hash, since nobody finds two names that share a handle of 64 bits.
func TestShared(t *testing.T) {
	initial := func(name string) string { return name[:1] }
	named := func(names ...string) []v1beta1.Attendee {
		var attendees []v1beta1.Attendee
		for _, name := range names {
			attendees = append(attendees, v1beta1.Attendee{Name: name})
		}
		return attendees
	}
	tests := map[string]struct {
		attendees  []v1beta1.Attendee
		one, other string
		shared     bool
	}{
		"nobody":          {nil, "", "", false},
		"all differ":      {named("ada", "bob", "cyd"), "", "", false},
		"two of a handle": {named("ada", "bob", "amy"), "ada", "amy", true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			one, other, shared := roster.Shared(tc.attendees, initial)
			if one != tc.one || other != tc.other || shared != tc.shared {
				t.Errorf("Shared = %q, %q, %t, want %q, %q, %t", one, other, shared, tc.one, tc.other, tc.shared)
			}
		})
	}
}

// TestHandlesHave64Bits tries two names whose SHA-256 begins with the same 32 bits: a hash of 8 digits is the same for both.
func TestHandlesHave64Bits(t *testing.T) {
	first := map[string]string{}
	for i := range 1 << 20 {
		name := fmt.Sprintf("Attendee %d", i)
		sum := sha256.Sum256([]byte(name))
		prefix := hex.EncodeToString(sum[:4])
		other, found := first[prefix]
		first[prefix] = name
		if !found {
			continue
		}
		if one, two := roster.Handle(other), roster.Handle(name); one == two {
			t.Errorf("%q and %q both get %s", other, name, one)
		}
		return
	}
	t.Fatal("no two of a million names have a hash with the same first 32 bits")
}

func FuzzNames(f *testing.F) {
	for _, name := range []string{"ada", "Ada.Lovelace@example.org", "山田", "../x", strings.Repeat("é", 128), "-", "a-00000000", "\x00"} {
		f.Add(name, "kubecon")
	}
	f.Fuzz(func(t *testing.T, attendee, workshop string) {
		if attendee == "" || len(workshop) > 40 || len(validation.IsDNS1123Label(workshop)) > 0 {
			return // The API refuses it.
		}
		handle := roster.Handle(attendee)
		namespace := roster.NamespaceName(types.NamespacedName{Namespace: "workshops", Name: workshop}, handle)
		for what, problems := range map[string][]string{
			"handle " + handle:       validation.IsDNS1123Label(handle),
			"namespace " + namespace: validation.IsDNS1123Label(namespace),
			"secret":                 validation.IsDNS1123Subdomain(roster.SecretName(workshop, handle)),
			"result":                 validation.IsDNS1123Subdomain(roster.ResultName(workshop, handle, strings.Repeat("l", 40), strings.Repeat("e", 63))),
			"label":                  validation.IsValidLabelValue(handle),
		} {
			if len(problems) > 0 {
				t.Errorf("%q: %s: %v", attendee, what, problems)
			}
		}
		if again := roster.Handle(attendee); again != handle {
			t.Errorf("%q gets %s, then %s", attendee, handle, again)
		}
	})
}
