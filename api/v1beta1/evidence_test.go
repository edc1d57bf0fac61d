package v1beta1_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func evidenceBounds() map[string]bound {
	const (
		at       = "spec.evidence[]"
		oneOf    = "exactly one of the fields in [object list probe] must be set"
		builtIn  = "lab, now, done and params are the names of built-in variables: choose another name"
		selector = "selector maps names of labels (up to 317 characters) to values (up to 63 characters)"
	)
	object := map[string]any{"apiVersion": "v1", "kind": "Pod", "name": "web"}
	list := map[string]any{"apiVersion": "v1", "kind": "Pod"}
	probe := map[string]any{"helm": map[string]any{"release": "shop"}}
	bounds := map[string]bound{
		"there is some evidence":              {path: "spec.evidence", breaks: "minItems", fits: many(1, objectEvidence), refused: many(0, objectEvidence)},
		"there is at most 32 evidence":        {path: "spec.evidence", breaks: "maxItems", fits: many(32, objectEvidence), refused: many(33, objectEvidence)},
		"names of evidence are unique":        {path: "spec.evidence", breaks: "unique", fits: many(2, objectEvidence), refused: []any{objectEvidence(1), objectEvidence(1)}},
		"evidence has a name":                 {path: "spec.evidence[0].name", breaks: "required", fits: "web", refused: absent{}},
		"a name of evidence is not empty":     {path: "spec.evidence[0].name", breaks: "minLength", fits: "w", refused: ""},
		"a name of evidence is bounded":       {path: "spec.evidence[0].name", breaks: "maxLength", fits: text(31), refused: text(32)},
		"a name of evidence is an identifier": {path: "spec.evidence[0].name", breaks: "pattern", fits: "myWeb2", refused: "my-web"},
		"evidence is not named lab":           {path: "spec.evidence[0].name", at: at, breaks: builtIn, fits: "labs", refused: "lab"},
		"evidence is not named now":           {path: "spec.evidence[0].name", at: at, breaks: builtIn, fits: "later", refused: "now"},
		"evidence is not named done":          {path: "spec.evidence[0].name", at: at, breaks: builtIn, fits: "finished", refused: "done"},
		"evidence is not named params":        {path: "spec.evidence[0].name", at: at, breaks: builtIn, fits: "param", refused: "params"},
		"evidence that was an object has one": {path: "spec.evidence[0].object", at: at, breaks: oneOf, fits: object, refused: absent{}},
		"evidence that was a list has one":    {path: "spec.evidence[1].list", at: at, breaks: oneOf, fits: list, refused: absent{}},
		"evidence that was a probe has one":   {path: "spec.evidence[2].probe", at: at, breaks: oneOf, fits: probe, refused: absent{}},
		"an object has no list beside it":     {path: "spec.evidence[0].list", at: at, breaks: oneOf, fits: absent{}, refused: list},
		"an object has no probe beside it":    {path: "spec.evidence[0].probe", at: at, breaks: oneOf, fits: absent{}, refused: probe},
		"a list has no probe beside it":       {path: "spec.evidence[1].probe", at: at, breaks: oneOf, fits: absent{}, refused: probe},
		"an object has an apiVersion":         {path: "spec.evidence[0].object.apiVersion", breaks: "required", fits: "apps/v1", refused: absent{}},
		"an object has a kind":                {path: "spec.evidence[0].object.kind", breaks: "required", fits: "Deployment", refused: absent{}},
		"an object has a name":                {path: "spec.evidence[0].object.name", breaks: "required", fits: "web", refused: absent{}},
		"a list has an apiVersion":            {path: "spec.evidence[1].list.apiVersion", breaks: "required", fits: "v1", refused: absent{}},
		"a list has a kind":                   {path: "spec.evidence[1].list.kind", breaks: "required", fits: "Pod", refused: absent{}},
		"a list has room for an object":       {path: "spec.evidence[1].list.limit", breaks: "minimum", fits: 1, refused: 0},
		"a list has no more than 500":         {path: "spec.evidence[1].list.limit", breaks: "maximum", fits: 500, refused: 501},
		"a selector has at most 8 labels":     {path: "spec.evidence[1].list.selector", breaks: "maxProperties", fits: entries(8, "a"), refused: entries(9, "a")},
		"a label's value is bounded":          {path: "spec.evidence[1].list.selector.app", at: "spec.evidence[].list.selector", breaks: selector, fits: text(63), refused: text(64)},
		"a label's name is bounded":           {path: "spec.evidence[1].list.selector", breaks: selector, fits: map[string]any{text(317): "a"}, refused: map[string]any{text(318): "a"}},
		"a label's name is not empty":         {path: "spec.evidence[1].list.selector", breaks: selector, fits: map[string]any{"a": ""}, refused: map[string]any{"": "a"}},
	}
	addLengths(bounds, map[string]int{
		"spec.evidence[0].object.apiVersion": 253,
		"spec.evidence[0].object.kind":       63,
		"spec.evidence[0].object.name":       253,
		"spec.evidence[1].list.apiVersion":   253,
		"spec.evidence[1].list.kind":         63,
	})
	return bounds
}

// probeBounds are those of probes. The sample has one for each member, in the order of sampleProbes.
func probeBounds() map[string]bound {
	bounds := map[string]bound{
		"helm names a release":            {path: "spec.evidence[2].probe.helm.release", breaks: "required", fits: "shop", refused: absent{}},
		"a release is named as helm does": {path: "spec.evidence[2].probe.helm.release", breaks: "pattern", fits: "shop-2", refused: "shop_2"},
	}
	addLengths(bounds, map[string]int{"spec.evidence[2].probe.helm.release": 53})
	addProbeUnionBounds(bounds)
	addProbeTimeBounds(bounds, "spec.evidence[2].probe.interval", "interval is a duration from 1s to 10m, as in 5s", "1s", "999ms", "10m", "601s")
	addProbeTimeBounds(bounds, "spec.evidence[2].probe.timeout", "timeout is a duration from 1s to 30s, as in 5s", "1s", "999ms", "30s", "30001ms")
	addTargetBounds(bounds, "spec.evidence[3].probe.target")
	addHTTPBounds(bounds, "spec.evidence[3].probe.http")
	addKafkaBounds(bounds, "spec.evidence[4].probe.kafka")
	addSQLBounds(bounds, "spec.evidence[5].probe.sql")
	addRedisBounds(bounds, "spec.evidence[6].probe.redis")
	return bounds
}

// member is a member of the union that a probe is, as the sample has it.
type member struct {
	// name of its field.
	name string
	// smallest is the least that is accepted.
	smallest map[string]any
}

// sampleProbes are all members, in the order in which the sample has them from its third evidence on.
func sampleProbes() []member {
	return []member{
		{"helm", map[string]any{"release": "shop"}},
		{"http", map[string]any{}},
		{"kafka", map[string]any{}},
		{"sql", map[string]any{"query": "SELECT 1"}},
		{"redis", map[string]any{"commands": map[string]any{"greeting": "PING"}}},
	}
}

// addProbeUnionBounds tries none, one and two members of a probe, and each with and without a target.
func addProbeUnionBounds(bounds map[string]bound) {
	const (
		at     = "spec.evidence[].probe"
		oneOf  = "exactly one of the fields in [helm http kafka redis sql] must be set"
		target = "target goes with http, kafka, redis and sql: a probe of these needs one, and helm takes none"
	)
	service := map[string]any{"service": "shop", "port": 80}
	for i, m := range sampleProbes() {
		path := fmt.Sprintf("spec.evidence[%d].probe.", i+2)
		bounds["a probe that was "+m.name+" has a member"] = bound{path: path + m.name, at: at, breaks: oneOf, fits: m.smallest, refused: absent{}}
		for _, other := range sampleProbes() {
			if other.name != m.name {
				bounds[m.name+" has no "+other.name+" beside it"] = bound{path: path + other.name, at: at, breaks: oneOf, fits: absent{}, refused: other.smallest}
			}
		}
		if m.name == "helm" {
			bounds["helm has no target"] = bound{path: path + "target", at: at, breaks: target, fits: absent{}, refused: service}
			continue
		}
		bounds[m.name+" has a target"] = bound{path: path + "target", at: at, breaks: target, fits: service, refused: absent{}}
	}
}

// addProbeTimeBounds adds those of a duration: the shortest that fits, one that is too short, the longest, one that is too long.
func addProbeTimeBounds(bounds map[string]bound, path, rule, shortest, tooShort, longest, tooLong string) {
	maps.Copy(bounds, map[string]bound{
		path + " is short as a text":    {path: path, breaks: "maxLength", fits: "00000000000005s", refused: "000000000000000005s"},
		path + " is a duration":         {path: path, breaks: rule, fits: "1500ms", refused: "often"},
		path + " is not too short":      {path: path, breaks: rule, fits: shortest, refused: tooShort},
		path + " is not zero":           {path: path, breaks: rule, fits: shortest, refused: "0s"},
		path + " is not negative":       {path: path, breaks: rule, fits: shortest, refused: "-5s"},
		path + " is not too long":       {path: path, breaks: rule, fits: longest, refused: tooLong},
		path + " is not without a unit": {path: path, breaks: rule, fits: "5s", refused: "5"},
	})
}

// addTargetBounds adds those of where a service listens. The sample names a Service.
func addTargetBounds(bounds map[string]bound, path string) {
	const (
		at    = "spec.evidence[].probe.target"
		oneOf = "exactly one of the fields in [service pod] must be set"
	)
	ofPod := map[string]any{path + ".service": absent{}}
	maps.Copy(bounds, map[string]bound{
		"a target has a service or a pod":        {path: path + ".service", at: at, breaks: oneOf, fits: "web", refused: absent{}},
		"a target has no pod beside a service":   {path: path + ".pod", at: at, breaks: oneOf, fits: absent{}, refused: "web-0"},
		"a target has a pod that can be a name":  {path: path + ".pod", given: ofPod, breaks: "pattern", fits: "web-0.a", refused: "web_0"},
		"a target has a pod that is bounded":     {path: path + ".pod", given: ofPod, breaks: "maxLength", fits: text(253), refused: text(254)},
		"a target has no empty pod":              {path: path + ".pod", given: ofPod, breaks: "minLength", fits: "w", refused: ""},
		"a target has a service that is a label": {path: path + ".service", breaks: "pattern", fits: "web-2", refused: "web.other"},
		"a target has a service that is bounded": {path: path + ".service", breaks: "maxLength", fits: text(63), refused: text(64)},
		"a target has no empty service":          {path: path + ".service", breaks: "minLength", fits: "w", refused: ""},
		"a target has a port":                    {path: path + ".port", breaks: "required", fits: 80, refused: absent{}},
		"a target has a port of at least 1":      {path: path + ".port", breaks: "minimum", fits: 1, refused: 0},
		"a target has a port of at most 16 bits": {path: path + ".port", breaks: "maximum", fits: 65535, refused: 65536},
	})
}

func addHTTPBounds(bounds map[string]bound, path string) {
	const withBody = "a body goes with POST, PUT and PATCH"
	header := func(i int) any { return map[string]any{"name": fmt.Sprintf("X-Test-%d", i), "value": "a"} }
	noBody := map[string]any{path + ".body": absent{}}
	maps.Copy(bounds, map[string]bound{
		"a method is one of six":             {path: path + ".method", given: noBody, breaks: "enum", fits: "DELETE", refused: "CONNECT"},
		"a body goes with POST, not GET":     {path: path + ".method", at: "spec.evidence[].probe.http", breaks: withBody, fits: "POST", refused: "GET"},
		"a body goes with PUT, not HEAD":     {path: path + ".method", at: "spec.evidence[].probe.http", breaks: withBody, fits: "PUT", refused: "HEAD"},
		"a body goes with PATCH, not DELETE": {path: path + ".method", at: "spec.evidence[].probe.http", breaks: withBody, fits: "PATCH", refused: "DELETE"},
		"a body goes with no default":        {path: path + ".method", at: "spec.evidence[].probe.http", breaks: withBody, fits: "POST", refused: absent{}},
		"a path begins at the root":          {path: path + ".path", breaks: "pattern", fits: "/", refused: "orders"},
		"a path is not empty":                {path: path + ".path", breaks: "pattern", fits: "/", refused: ""},
		"a path has no spaces":               {path: path + ".path", breaks: "pattern", fits: "/orders?by=%20", refused: "/orders?by= "},
		"a path is bounded":                  {path: path + ".path", breaks: "maxLength", fits: "/" + text(511), refused: "/" + text(512)},
		"a body is bounded":                  {path: path + ".body", breaks: "maxLength", fits: text(4096), refused: text(4097)},
		"there is a sample":                  {path: path + ".samples", breaks: "minimum", fits: 1, refused: 0},
		"there are at most 50 samples":       {path: path + ".samples", breaks: "maximum", fits: 50, refused: 51},
		"there are at most 8 headers":        {path: path + ".headers", breaks: "maxItems", fits: many(8, header), refused: many(9, header)},
		"names of headers are unique":        {path: path + ".headers", breaks: "unique", fits: many(2, header), refused: []any{header(1), header(1)}},
		"a header has a name":                {path: path + ".headers[0].name", breaks: "required", fits: "Host", refused: absent{}},
		"a header's name is a word":          {path: path + ".headers[0].name", breaks: "pattern", fits: "X-Request-2", refused: "X Request"},
		"a header's name ends no line":       {path: path + ".headers[0].name", breaks: "pattern", fits: "Host", refused: "Host\n"},
		"a header has a value":               {path: path + ".headers[0].value", breaks: "required", fits: "a", refused: absent{}},
		"a header's value is one line":       {path: path + ".headers[0].value", breaks: "pattern", fits: "text/html; q=0.9 ~", refused: "a\r\nHost: other"},
		"a header's value is ASCII":          {path: path + ".headers[0].value", breaks: "pattern", fits: "tea", refused: "thé"},
	})
	addLengths(bounds, map[string]int{path + ".headers[0].name": 63, path + ".headers[0].value": 256})
}

func addKafkaBounds(bounds map[string]bound, path string) {
	name := func(i int) any { return fmt.Sprintf("name%d", i) }
	for _, field := range []string{"topics", "groups"} {
		bounds["at most 8 "+field] = bound{path: path + "." + field, breaks: "maxItems", fits: many(8, name), refused: many(9, name)}
		bounds[field+" are unique"] = bound{path: path + "." + field, breaks: "unique", fits: many(2, name), refused: []any{"a", "a"}}
	}
	bounds["a topic is named as Kafka does"] = bound{path: path + ".topics[0]", breaks: "pattern", fits: "Orders.v1_a-b", refused: "orders/v1"}
	addLengths(bounds, map[string]int{path + ".topics[0]": 249, path + ".groups[0]": 249})
}

func addSQLBounds(bounds map[string]bound, path string) {
	bounds["a query is given"] = bound{path: path + ".query", breaks: "required", fits: "SELECT 1", refused: absent{}}
	addLengths(bounds, map[string]int{path + ".database": 63, path + ".query": 4096})
	addSecretBounds(bounds, path+".secret")
}

func addRedisBounds(bounds map[string]bound, path string) {
	const (
		at   = "spec.evidence[].probe.redis.commands"
		form = "commands map names such as greeting to commands of 1 to 512 characters"
	)
	maps.Copy(bounds, map[string]bound{
		"commands are given":                {path: path + ".commands", breaks: "required", fits: entries(1, "PING"), refused: absent{}},
		"there is a command":                {path: path + ".commands", breaks: "minProperties", fits: entries(1, "PING"), refused: entries(0, "PING")},
		"there are at most 16 commands":     {path: path + ".commands", breaks: "maxProperties", fits: entries(16, "PING"), refused: entries(17, "PING")},
		"a command's name is an identifier": {path: path + ".commands", breaks: form, fits: map[string]any{"theGreeting2": "PING"}, refused: map[string]any{"the-greeting": "PING"}},
		"a command's name is bounded":       {path: path + ".commands", breaks: form, fits: map[string]any{text(31): "PING"}, refused: map[string]any{text(32): "PING"}},
		"a command is not empty":            {path: path + ".commands.greeting", at: at, breaks: form, fits: "x", refused: ""},
		"a command is bounded":              {path: path + ".commands.greeting", at: at, breaks: form, fits: text(512), refused: text(513)},
	})
	addSecretBounds(bounds, path+".secret")
}

func addSecretBounds(bounds map[string]bound, path string) {
	bounds[path+" is the name of an object"] = bound{path: path, breaks: "pattern", fits: "redis-login.v2", refused: "other/redis-login"}
	bounds[path+" is not empty"] = bound{path: path, breaks: "pattern", fits: "x", refused: ""}
	addMaxLengths(bounds, map[string]int{path: 253})
}

func objectEvidence(i int) any {
	return map[string]any{
		"name":   fmt.Sprintf("object%d", i),
		"object": map[string]any{"apiVersion": "v1", "kind": "Pod", "name": "web"},
	}
}

// What is not in the schema is refused by its path, so that an author of an exercise for v1alpha1 reads what to move.
func TestUnknownFieldsOfEvidence(t *testing.T) {
	tests := map[string]struct {
		path  string
		value any
	}{
		"an interval of an object":     {"spec.evidence[0].every", "5s"},
		"an interval of a list":        {"spec.evidence[1].interval", "5s"},
		"an interval beside the probe": {"spec.evidence[2].interval", "5s"},
		"a service beside the probe":   {"spec.evidence[2].http", map[string]any{"service": "web", "port": 80}},
		"a target of an object":        {"spec.evidence[0].target", map[string]any{"service": "web", "port": 80}},
		"a probe of no adapter":        {"spec.evidence[3].probe.ftp", map[string]any{}},
		"a service within http":        {"spec.evidence[3].probe.http.service", "web"},
		"a port within sql":            {"spec.evidence[5].probe.sql.port", 5432},
		"a target by another name":     {"spec.evidence[3].probe.target.host", "web"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			err := submit(t, "exercise", bound{path: tc.path}, tc.value)
			if want := fmt.Sprintf("unknown field %q", tc.path); !apierrors.IsBadRequest(err) || !strings.Contains(err.Error(), want) {
				t.Errorf("want it refused with %s, got %v", want, err)
			}
		})
	}
}

// What the operator counts and sorts evidence by.
func TestEvidenceMembers(t *testing.T) {
	type verdict struct {
		Members int
		Kind    string
	}
	tests := map[string]struct {
		evidence v1beta1.Evidence
		want     verdict
	}{
		"none":                  {want: verdict{}},
		"an object":             {evidence: v1beta1.Evidence{Object: &v1beta1.ObjectEvidence{APIVersion: "apps/v1", Kind: "Deployment"}}, want: verdict{1, "Deployment"}},
		"a list":                {evidence: v1beta1.Evidence{List: &v1beta1.ListEvidence{APIVersion: "v1", Kind: "Pod"}}, want: verdict{1, "Pod"}},
		"a probe":               {evidence: v1beta1.Evidence{Probe: &v1beta1.ProbeEvidence{}}, want: verdict{1, ""}},
		"an object and a probe": {evidence: v1beta1.Evidence{Object: &v1beta1.ObjectEvidence{Kind: "Pod"}, Probe: &v1beta1.ProbeEvidence{}}, want: verdict{2, "Pod"}},
		"an object, list, probe": {
			evidence: v1beta1.Evidence{Object: &v1beta1.ObjectEvidence{Kind: "Pod"}, List: &v1beta1.ListEvidence{Kind: "Service"}, Probe: &v1beta1.ProbeEvidence{}},
			want:     verdict{3, "Pod"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := verdict{Members: tc.evidence.Members(), Kind: tc.evidence.GroupVersionKind().Kind}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
