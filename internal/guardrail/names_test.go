package guardrail_test

import (
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/lab-operator/lab-operator/internal/guardrail"
)

func TestNamespaceName(t *testing.T) {
	longest := strings.Repeat("a", 40)
	tests := map[string]struct {
		namespace, name string
		want            string
	}{
		"a lab in default has a name to type":            {"default", "hpa", "lab-hpa"},
		"a lab elsewhere has a hash":                     {"team-a", "hpa", "lab-hpa-41ab436f"},
		"another namespace gives another name":           {"team-b", "hpa", "lab-hpa-7b35cfb5"},
		"the longest name in default is kept":            {"default", longest, "lab-" + longest},
		"a name in default that ends in a hash gets one": {"default", "hpa-1a2b3c4d", "lab-hpa-1a2b3c4d-e164f8a5"},
		"a name in default that is a hash gets one":      {"default", "1a2b3c4d", "lab-1a2b3c4d-43dd31c8"},
		"seven digits are no hash":                       {"default", "hpa-1a2b3c4", "lab-hpa-1a2b3c4"},
		"eight digits of a word are no hash":             {"default", "hpa1a2b3c4d", "lab-hpa1a2b3c4d"},
		"other letters are no hash":                      {"default", "hpa-1a2b3c4g", "lab-hpa-1a2b3c4g"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if got := guardrail.NamespaceName(tc.namespace, tc.name); got != tc.want {
				t.Errorf("NamespaceName(%q, %q) = %q, want %q", tc.namespace, tc.name, got, tc.want)
			}
		})
	}
}

// TestNoNameInDefaultMeetsOneFromElsewhere tries the names with which a lab in default could sit on another's.
func TestNoNameInDefaultMeetsOneFromElsewhere(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"hpa", "a", "1a2b3c4d", "hpa-1a2b3c4d", "hpa-1a2b3c4d-1a2b3c4d"} {
		for _, namespace := range []string{"team-a", "team-b", "lab"} {
			elsewhere := guardrail.NamespaceName(namespace, name)
			// What an attacker in default would call a Lab to get that namespace.
			forged := guardrail.NamespaceName("default", strings.TrimPrefix(elsewhere, "lab-"))
			for made, by := range map[string]string{
				elsewhere: namespace + "/" + name,
				forged:    "default/" + strings.TrimPrefix(elsewhere, "lab-"),
			} {
				if other, taken := seen[made]; taken {
					t.Errorf("%s and %s both get %s", other, by, made)
				}
				seen[made] = by
			}
		}
	}
}

func FuzzNamespaceName(f *testing.F) {
	f.Add("default", "hpa", "team-a", "hpa")
	f.Add("default", "hpa-1a2b3c4d", "team-a", "hpa")
	f.Add("default", strings.Repeat("x", 63), "default", strings.Repeat("x", 60)+"-y")
	f.Add("default", strings.Repeat("x", 50)+"-", "default", "1a2b3c4d")
	hashed := regexp.MustCompile(`-[0-9a-f]{8}$`)
	f.Fuzz(func(t *testing.T, oneNamespace, one, otherNamespace, other string) {
		for _, label := range []string{oneNamespace, one, otherNamespace, other} {
			if len(validation.IsDNS1123Label(label)) > 0 {
				return // The API refuses it.
			}
		}
		name := guardrail.NamespaceName(oneNamespace, one)
		if problems := validation.IsDNS1123Label(name); len(problems) > 0 {
			t.Errorf("NamespaceName(%q, %q) = %q: %v", oneNamespace, one, name, problems)
		}
		if oneNamespace != "default" && !hashed.MatchString(name) {
			t.Errorf("NamespaceName(%q, %q) = %q, without a hash", oneNamespace, one, name)
		}
		if one != other && len(one) <= 40 && len(other) <= 40 && name == guardrail.NamespaceName(otherNamespace, other) {
			t.Errorf("%s/%s and %s/%s both get %s", oneNamespace, one, otherNamespace, other, name)
		}
	})
}
