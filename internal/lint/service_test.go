package lint

import (
	"strings"
	"testing"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/evidence/adapters"
)

// What an adapter documents must be what the lint understands, or right expressions would be found wrong.
func TestEveryDocumentedFieldIsKnown(t *testing.T) {
	// Nothing is asked for by name, so that any key is known.
	spec := &v1beta1.ProbeEvidence{Kafka: &v1beta1.KafkaEvidence{}, Redis: &v1beta1.RedisEvidence{}}
	for _, adapter := range adapters.All() {
		s := ofService(adapter, spec)
		for _, field := range adapter.Fields {
			t.Run(adapter.Name+" "+field.Name, func(t *testing.T) {
				at := s
				for _, key := range strings.Split(field.Name, ".") {
					key, isList := strings.CutSuffix(key, "[]")
					next, _, known := at.field(key)
					if !known {
						t.Fatalf("%s is not known", key)
					}
					at = next
					if isList && at.form != formList {
						t.Fatalf("%s is no list", key)
					}
					if isList {
						at = at.elem
					}
				}
				if want := ofWord(field.Type).form; at.form != want && !(at.form == formObject && want == formMap) {
					t.Errorf("it is %s, and documented as %s", at.form, field.Type)
				}
			})
		}
	}
}
