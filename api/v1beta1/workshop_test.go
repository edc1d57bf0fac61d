package v1beta1_test

import (
	"fmt"
	"strings"
	"testing"
)

const closesEarly = "closesAt is not after opensAt"

func TestWorkshopBounds(t *testing.T) {
	checkBounds(t, "workshop", workshopBounds(), workshopTimeBounds(), labTemplateBounds(), attendeeBounds(), attendeeNameBounds(), workshopStatusBounds())
}

func workshopBounds() map[string]bound {
	const (
		nameSize  = "the name of a Workshop has at most 40 characters"
		nameForm  = "the name of a Workshop has lower-case letters, digits and dashes only: it becomes part of the names of namespaces"
		apiServer = "apiServer is a URL, as in https://203.0.113.7:6443"
	)
	url := func(fits, refused any) bound {
		return bound{path: "spec.apiServer", breaks: apiServer, fits: fits, refused: refused}
	}
	return map[string]bound{
		"a name has at most 40 characters":    {path: "metadata.name", at: theObject, breaks: nameSize, fits: text(40), refused: text(41)},
		"a name has no dots":                  {path: "metadata.name", at: theObject, breaks: nameForm, fits: "my-workshop", refused: "my.workshop"},
		"20 attendees are brought up at once": {path: "spec.maxConcurrent", breaks: "minimum", fits: 1, refused: 0},
		"1,000 attendees are at most":         {path: "spec.maxConcurrent", breaks: "maximum", fits: 1000, refused: 1001},
		"environments are absent or present":  {path: "spec.onClose.environments", breaks: "enum", fits: "Absent", refused: "Paused"},
		"an address is bounded": {
			path: "spec.apiServer", breaks: "maxLength",
			fits: "https://example.org/" + text(236), refused: "https://example.org/" + text(237),
		},
		"an address can be left out":      url(absent{}, ""),
		"an address is a URL":             url("https://203.0.113.7:6443", "203.0.113.7:6443"),
		"an address is encrypted":         url("https://example.org", "http://example.org"),
		"an address has a host":           url("https://[2001:db8::7]:6443", "https:///api"),
		"an address has more than a port": url("https://localhost:6443", "https://:6443"),
		"an address has no space":         url("https://example.org/clusters/1", "https://example.org /"),
	}
}

// workshopTimeBounds are those of times and of durations.
func workshopTimeBounds() map[string]bound {
	const opens, closes = "spec.opensAt", "spec.closesAt"
	at := func(when any) map[string]any { return map[string]any{opens: when} }
	bounds := map[string]bound{
		"the close is given": {path: closes, breaks: "required", fits: "2027-03-01T12:00:00Z", refused: absent{}},
		"a workshop is open for a second": {
			path: closes, at: "spec", given: at("2027-03-01T09:00:00Z"), breaks: closesEarly,
			fits: "2027-03-01T09:00:01Z", refused: "2027-03-01T09:00:00Z",
		},
		"a workshop closes after it opens": {
			path: closes, at: "spec", given: at("2027-03-01T09:00:00Z"), breaks: closesEarly,
			fits: "2027-03-01T17:00:00Z", refused: "2027-02-28T17:00:00Z",
		},
		"times are compared across time zones": {
			path: closes, at: "spec", given: at("2027-03-01T09:00:00+05:30"), breaks: closesEarly,
			fits: "2027-03-01T08:00:00Z", refused: "2027-03-01T07:00:00+04:00",
		},
		"the opening can be left out": {path: opens, at: "spec", breaks: closesEarly, fits: absent{}, refused: "2027-03-01T12:00:00Z"},
		// Go reads fewer texts as a time than the API server does, and one Workshop that it cannot read would stop the
		// operator's watch of all of them.
		"the close is a time that Go reads": {
			path: closes, at: "spec", given: at(absent{}), breaks: closesEarly,
			fits: "2027-03-01T12:00:00.5+01:00", refused: "2027-03-01t12:00:00z",
		},
		"the close leaves room for extensions": {
			path: closes, at: "spec", breaks: "closesAt is before the year 3000", fits: "2999-12-31T23:59:59Z", refused: "3000-01-01T00:00:00Z",
		},
		"nothing follows on the time of the close": {
			path: closes, at: "spec", given: at(absent{}), breaks: closesEarly,
			fits: "2027-03-01T12:00:00Z", refused: "2027-03-01T12:00:00ZT" + text(1000),
		},
		"the opening is a time that Go reads": {
			path: opens, at: "spec", breaks: closesEarly,
			fits: "2027-03-01T09:00:00.5Z", refused: "2027-03-01T09:00:00x5Z",
		},
	}
	addDurations(bounds, "spec.extendBy", "extendBy is a duration up to 720h, as in 30m", "0s", "720h")
	addDurations(bounds, "spec.attendees[1].extendBy", "extendBy is a duration up to 720h, as in 30m", "0s", "720h")
	addDurations(bounds, "spec.leadTime", "leadTime is a duration up to 168h, as in 15m", "0s", "168h")
	addDurations(bounds, "spec.stuckAfter", "stuckAfter is a duration from 1m to 24h, as in 20m", "1m", "24h")
	addDurations(bounds, "spec.ttlAfterClosed", "ttlAfterClosed is a duration up to 8760h, as in 72h", "0s", "8760h")
	return bounds
}

// addDurations adds for a duration that it is one, and what it is at least and at most.
func addDurations(bounds map[string]bound, path, message, atLeast, atMost string) {
	tooShort := map[string]string{"0s": "-1ns", "1m": "59.9s"}[atLeast]
	bounds[path+" is short as a text"] = bound{path: path, breaks: "maxLength", fits: strings.Repeat("0", 12) + "120s", refused: strings.Repeat("0", 13) + "120s"}
	bounds[path+" is a duration"] = bound{path: path, breaks: message, fits: "1h0m0.5s", refused: "a while"}
	bounds[path+" has no days"] = bound{path: path, breaks: message, fits: "24h", refused: "1d"}
	bounds[path+" has a unit"] = bound{path: path, breaks: message, fits: "15m", refused: "15"}
	bounds[path+" has a lower bound"] = bound{path: path, breaks: message, fits: atLeast, refused: tooShort}
	bounds[path+" has an upper bound"] = bound{path: path, breaks: message, fits: atMost, refused: atMost + "1ns"}
}

func labTemplateBounds() map[string]bound {
	const (
		answerSize    = "an answer is an integer of 32 bits or a text of at most 256 characters: put larger numbers in quotes"
		answerID      = "the ids of questions look like k8s-04: lower-case letters, digits and dashes"
		noAnswers     = "a template has no answers: each attendee gives them in their own Lab"
		noEnvironment = "the environment of a template is Present: leave it out, and say in spec.onClose.environments what happens at the close"
		ofTemplate    = "spec.labTemplates[].spec"
		answers       = "spec.labTemplates[0].spec.answers"
	)
	template := func(i int) any {
		return map[string]any{"name": fmt.Sprintf("lab-%d", i), "spec": map[string]any{"topic": "kubernetes"}}
	}
	name := func(fits, refused any) bound {
		return bound{path: "spec.labTemplates[0].name", breaks: "pattern", fits: fits, refused: refused}
	}
	bounds := map[string]bound{
		"templates are given":                         {path: "spec.labTemplates", breaks: "required", fits: many(1, template), refused: absent{}},
		"there is a template":                         {path: "spec.labTemplates", breaks: "minItems", fits: many(1, template), refused: many(0, template)},
		"there are at most 8 templates":               {path: "spec.labTemplates", breaks: "maxItems", fits: many(8, template), refused: many(9, template)},
		"templates are unique":                        {path: "spec.labTemplates", breaks: "unique", fits: many(2, template), refused: []any{template(1), template(1)}},
		"a template has a name":                       {path: "spec.labTemplates[0].name", breaks: "required", fits: "hpa", refused: absent{}},
		"a template's name has no upper case":         name("hpa", "HPA"),
		"a template's name has no dots":               name("my-lab", "my.lab"),
		"a template's name has no dash at first":      name("1-lab", "-lab"),
		"a template's name has no dash at last":       name("lab-1", "lab-"),
		"a template's name has one line":              name("l", "lab\n"),
		"a template has a spec":                       {path: "spec.labTemplates[0].spec", breaks: "required", fits: map[string]any{"topic": "kafka"}, refused: absent{}},
		"a template has a topic":                      {path: "spec.labTemplates[0].spec.topic", breaks: "required", fits: "kubernetes", refused: absent{}},
		"a template can be of the topic's first":      {path: "spec.labTemplates[0].spec.exercise", breaks: "minLength", fits: absent{}, refused: ""},
		"the exercise of a template is bounded":       {path: "spec.labTemplates[0].spec.exercise", breaks: "maxLength", fits: text(63), refused: text(64)},
		"the size of a template is one of three":      {path: "spec.labTemplates[0].spec.size", breaks: "enum", fits: "Large", refused: "Huge"},
		"the environment of a template is one of 2":   {path: "spec.labTemplates[0].spec.environment", breaks: "enum", fits: absent{}, refused: "Paused"},
		"the environment of a template is Present":    {path: "spec.labTemplates[0].spec.environment", at: ofTemplate, breaks: noEnvironment, fits: "Present", refused: "Absent"},
		"a template gives no answers":                 {path: answers, at: ofTemplate, breaks: noAnswers, fits: absent{}, refused: map[string]any{"k8s-04": "b"}},
		"a template gives no answers, and not many":   {path: answers, breaks: "maxProperties", fits: map[string]any{}, refused: entries(65, "a")},
		"a template gives no answers, nor a long one": {path: answers, breaks: answerSize, fits: map[string]any{}, refused: map[string]any{"k8s-04": text(257)}},
		"a template gives no answers, nor of any id":  {path: answers, breaks: answerID, fits: map[string]any{}, refused: map[string]any{"K8S-04": "b"}},
	}
	addLengths(bounds, map[string]int{
		"spec.labTemplates[0].name":       40,
		"spec.labTemplates[0].spec.topic": 63,
	})
	return bounds
}

func TestWorkshopSteps(t *testing.T) {
	people := func(length int) []any { return many(length, attendee) }
	const topic, exercise, size = "spec.labTemplates[0].spec.topic", "spec.labTemplates[0].spec.exercise", "spec.labTemplates[0].spec.size"
	checkSteps(t, "workshop", map[string]step{
		"an attendee can be added":     {path: "spec.attendees", was: people(2), then: people(3)},
		"an attendee can be taken out": {path: "spec.attendees", was: people(3), then: people(2)},
		"everybody can be taken out":   {path: "spec.attendees", was: people(2), then: absent{}},
		// In a Lab they are immutable. A template may be edited: the Labs of it are replaced.
		"the topic of a lab can be changed":       {path: topic, was: "kubernetes", then: "kafka"},
		"the exercise of a lab can be changed":    {path: exercise, was: "hpa-scaling", then: "helm-release"},
		"the exercise of a lab can be given":      {path: exercise, was: absent{}, then: "hpa-scaling"},
		"the exercise of a lab can be taken away": {path: exercise, was: "hpa-scaling", then: absent{}},
		"the size of a lab can be changed":        {path: size, was: "Small", then: "Large"},
		"the close can be put off":                {path: "spec.closesAt", was: "2027-03-01T12:00:00Z", then: "2027-03-02T12:00:00Z"},
		"the close stays after the opening":       {path: "spec.closesAt", was: "2027-03-01T12:00:00Z", then: "2027-03-01T08:00:00Z", breaks: closesEarly},
		"the opening stays before the close":      {path: "spec.opensAt", was: "2027-03-01T09:00:00Z", then: "2027-03-01T13:00:00Z", breaks: closesEarly},
		"the opening can be brought forward":      {path: "spec.opensAt", was: "2027-03-01T09:00:00Z", then: absent{}},
		"everyone can be given more time":         {path: "spec.extendBy", was: absent{}, then: "15m"},
		"one attendee can be given more time":     {path: "spec.attendees[0].extendBy", was: absent{}, then: "15m"},
		"one attendee's time can be taken back":   {path: "spec.attendees[0].extendBy", was: "15m", then: absent{}},
	})
}

func workshopStatusBounds() map[string]bound {
	bounds := countBounds("attendees", "completed", "ready", "stalled", "started", "stuck")
	delete(bounds, "there are at most 8 conditions")
	bounds["there are at most 16 conditions"] = bound{path: "status.conditions", breaks: "maxItems", fits: conditions(16), refused: conditions(17)}
	bounds["a median is not negative"] = bound{path: "status.medianScorePercent", breaks: "minimum", fits: 0, refused: -1}
	bounds["a median is at most 100"] = bound{path: "status.medianScorePercent", breaks: "maximum", fits: 100, refused: 101}
	bounds["a phase is one of five"] = bound{path: "status.phase", breaks: "enum", fits: "Removed", refused: "Paused"}
	const generation, applies = "status.pendingChange.generation", "status.pendingChange.appliesAt"
	bounds["a pending change has a generation"] = bound{path: generation, breaks: "required", fits: 2, refused: absent{}}
	bounds["a pending change has a generation from 1"] = bound{path: generation, breaks: "minimum", fits: 1, refused: 0}
	bounds["a pending change has a time"] = bound{path: applies, breaks: "required", fits: "2027-03-01T10:00:00Z", refused: absent{}}
	addMaxLengths(bounds, map[string]int{"status.summary.medianScore": 8})
	return bounds
}
