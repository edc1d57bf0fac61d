package v1beta1_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func attendeeBounds() map[string]bound {
	const oneLine = "displayName is one line and has no control characters: remove line breaks and direction marks"
	bounds := map[string]bound{
		"there are at most 1,000 attendees": {path: "spec.attendees", breaks: "maxItems", fits: many(1000, attendee), refused: many(1001, attendee)},
		"attendees can be left out":         {path: "spec.attendees", breaks: "maxItems", fits: absent{}, refused: many(1001, attendee)},
		"attendees are unique":              {path: "spec.attendees", breaks: "unique", fits: many(2, attendee), refused: []any{attendee(1), attendee(2), attendee(1)}},
		"attendees differ by their names": {
			path: "spec.attendees", breaks: "unique",
			fits:    []any{map[string]any{"name": "ada"}, map[string]any{"name": "Ada"}, map[string]any{"name": "ada."}},
			refused: []any{map[string]any{"name": "ada", "displayName": "Ada"}, map[string]any{"name": "ada", "extendBy": "30m"}},
		},
		"an attendee has a name":                    {path: "spec.attendees[0].name", breaks: "required", fits: "ada", refused: absent{}},
		"an attendee's name is not empty":           {path: "spec.attendees[0].name", breaks: "minLength", fits: "a", refused: ""},
		"an attendee's name is counted as read":     {path: "spec.attendees[0].name", breaks: "maxLength", fits: strings.Repeat("艾", 128), refused: strings.Repeat("艾", 129)},
		"an attendee's display name can be anyhow":  {path: "spec.attendees[0].displayName", breaks: "maxLength", fits: " (Ада) -- \u200fعائشة", refused: text(129)},
		"an attendee's display name can be missing": {path: "spec.attendees[0].displayName", breaks: "maxLength", fits: absent{}, refused: text(129)},
	}
	for name, refused := range map[string]string{
		"line feed": "Ada\n", "escape": "\x1b[31mAda", "bell": "Ada\a", "control sequence introducer": "Ada\u009b2J",
		"line separator": "Ada\u2028", "override of the direction": "Ada\u202e", "isolate of the direction": "Ada\u2066",
	} {
		bounds["an attendee's display name has no "+name] = bound{path: "spec.attendees[0].displayName", breaks: oneLine, fits: "Zoë 山田 👩‍💻", refused: refused}
	}
	addMaxLengths(bounds, map[string]int{
		"spec.attendees[0].name":        128,
		"spec.attendees[0].displayName": 128,
	})
	return bounds
}

// attendeeNameBounds has pairs of a name that somebody could have been registered by, and of one that misleads whoever reads it.
func attendeeNameBounds() map[string]bound {
	const form = "the name of an attendee begins with a letter or a digit, ends with no space, and has no control characters"
	pairs := map[string]struct{ fits, refused string }{
		"can be of two words, and is not blank":        {fits: "Ada Lovelace", refused: " "},
		"can be of any script, and blank in none":      {fits: "艾达　洛夫莱斯", refused: "\u3000\u00a0"},
		"can be of upper case, and no mere sign":       {fits: "ADA", refused: "!"},
		"can hold dots, and is more than dots":         {fits: "ada.lovelace", refused: "..."},
		"can hold dashes, and is more than a dash":     {fits: "o'brien-smith", refused: "-"},
		"can be an e-mail address, and not part of it": {fits: "Ada.Lovelace+am@example.org", refused: "@example.org"},
		"can end in a dash, and begins with none":      {fits: "a-", refused: "-a"},
		"can hold a picture, and begins with none":     {fits: "ada 🎓", refused: "🎓 ada"},
		"can end in an accent, and begins with none":   {fits: "Andre\u0301", refused: "\u0301Andre"},
		"can hold a space, and begins with none":       {fits: "a a", refused: " ada"},
		"can hold two spaces, and ends in none":        {fits: "ada  lovelace", refused: "ada "},
		"can hold a wide space, and ends in none":      {fits: "ada\u00a0lovelace", refused: "ada\u00a0"},
		"can be a digit, and no zero byte":             {fits: "0", refused: "\x00"},
		"can be a digit of any script, and no sign":    {fits: "٣", refused: "٪"},
		"can be a number, and no control characters":   {fits: "42", refused: "4\x002"},
		"can be a UUID, and no escape sequence":        {fits: "7a1f3c52-8d0e-4b19-b5a7-0c1d2e3f4a5b", refused: "a\x1b[31mb"},
		"has no line feed":                             {fits: "ada/lovelace", refused: "ada\nlovelace"},
		"has no line feed at its end":                  {fits: "ada/", refused: "ada\n"},
		"has no carriage return":                       {fits: "ada\\lovelace", refused: "ada\rlovelace"},
		"has no tab":                                   {fits: "ada, lovelace", refused: "ada\tlovelace"},
		"has no delete character":                      {fits: "Nguyễn Thị Ánh", refused: "ada\x7f"},
		"has no control character beyond ASCII":        {fits: "Åsa Öberg", refused: "ada\u0085lovelace"},
		"has nothing that is not seen":                 {fits: "Zoë", refused: "ada\u200blovelace"},
		"can be read from the right, and not turned":   {fits: "عائشة", refused: "ada\u202elovelace"},
		"has no character for private use":             {fits: "अदिति", refused: "ada\ue000"},
		"can look like a path, and begin like none":    {fits: "a/../../b", refused: "/../../b"},
		"can look like a command, and begin like none": {fits: "a;$(reboot)", refused: "$(reboot)"},
	}
	bounds := map[string]bound{}
	for name, pair := range pairs {
		bounds["an attendee's name "+name] = bound{path: "spec.attendees[0].name", breaks: form, fits: pair.fits, refused: pair.refused}
	}
	return bounds
}

// The largest roster is stored, by an API server that limits what its rules cost and by an etcd that limits objects.
func TestLargestRoster(t *testing.T) {
	object := document(t, "workshop")
	delete(object.Object, "status")
	set(t, object, "spec.attendees", many(1000, func(i int) any {
		return map[string]any{"name": fmt.Sprintf("%0128d", i), "displayName": text(128), "extendBy": "000000000000720h"}
	}))
	created := create(t, object)
	read, err := resource(t, object).Get(context.Background(), created.GetName(), metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	workshop := &v1beta1.Workshop{}
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(read.Object, workshop); err != nil {
		t.Fatal(err)
	}
	if got := len(workshop.Spec.Attendees); got != 1000 {
		t.Fatalf("want 1000 attendees, got %d", got)
	}
	last := workshop.Spec.Attendees[999]
	want := v1beta1.Attendee{
		Name:        fmt.Sprintf("%0128d", 999),
		DisplayName: text(128),
		ExtendBy:    &metav1.Duration{Duration: 720 * time.Hour},
	}
	if diff := cmp.Diff(want, last); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func attendee(i int) any {
	return map[string]any{"name": fmt.Sprintf("Attendee.%d@example.org", i)}
}
