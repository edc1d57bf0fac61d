package v1alpha1_test

import (
	"fmt"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1alpha1"
)

func evidenceBounds() map[string]bound {
	const (
		oneOf    = "evidence has exactly one of object, list, helm, http, kafka, sql and redis"
		every    = "every is a duration from 1s to 10m, as in 5s"
		watched  = "every goes with helm, http, kafka, sql and redis: objects and lists are watched"
		builtIn  = "lab, now, done and params are the names of built-in variables: choose another name"
		selector = "selector maps names of labels (up to 317 characters) to values (up to 63 characters)"
	)
	object := map[string]any{"apiVersion": "v1", "kind": "Pod", "name": "web"}
	bounds := map[string]bound{
		"there is some evidence":               {path: "spec.evidence", breaks: "minItems", fits: many(1, objectEvidence), refused: many(0, objectEvidence)},
		"there is at most 32 evidence":         {path: "spec.evidence", breaks: "maxItems", fits: many(32, objectEvidence), refused: many(33, objectEvidence)},
		"names of evidence are unique":         {path: "spec.evidence", breaks: "unique", fits: many(2, objectEvidence), refused: []any{objectEvidence(1), objectEvidence(1)}},
		"evidence has a name":                  {path: "spec.evidence[0].name", breaks: "required", fits: "web", refused: absent{}},
		"a name of evidence is not empty":      {path: "spec.evidence[0].name", breaks: "minLength", fits: "w", refused: ""},
		"a name of evidence is bounded":        {path: "spec.evidence[0].name", breaks: "maxLength", fits: text(31), refused: text(32)},
		"a name of evidence is an identifier":  {path: "spec.evidence[0].name", breaks: "pattern", fits: "myWeb2", refused: "my-web"},
		"evidence is not named lab":            {path: "spec.evidence[0].name", at: "spec.evidence[]", breaks: builtIn, fits: "labs", refused: "lab"},
		"evidence is not named now":            {path: "spec.evidence[0].name", at: "spec.evidence[]", breaks: builtIn, fits: "later", refused: "now"},
		"evidence is not named done":           {path: "spec.evidence[0].name", at: "spec.evidence[]", breaks: builtIn, fits: "finished", refused: "done"},
		"evidence is not named params":         {path: "spec.evidence[0].name", at: "spec.evidence[]", breaks: builtIn, fits: "param", refused: "params"},
		"evidence has an object or a list":     {path: "spec.evidence[0].object", at: "spec.evidence[]", breaks: oneOf, fits: object, refused: absent{}},
		"evidence has no object beside a list": {path: "spec.evidence[1].object", at: "spec.evidence[]", breaks: oneOf, fits: absent{}, refused: object},
		"an object is not looked at every 5s":  {path: "spec.evidence[0].every", at: "spec.evidence[]", breaks: watched, fits: absent{}, refused: "5s"},
		"a list is not looked at every 5s":     {path: "spec.evidence[1].every", at: "spec.evidence[]", breaks: watched, fits: absent{}, refused: "5s"},
		"every is short as a text":             {path: "spec.evidence[2].every", breaks: "maxLength", fits: "00000000000005s", refused: "000000000000000005s"},
		"every is a duration":                  {path: "spec.evidence[2].every", breaks: every, fits: "1m30s", refused: "often"},
		"every is at least a second":           {path: "spec.evidence[2].every", breaks: every, fits: "1s", refused: "999ms"},
		"every is at most 10 minutes":          {path: "spec.evidence[2].every", breaks: every, fits: "10m", refused: "601s"},
		"an object has an apiVersion":          {path: "spec.evidence[0].object.apiVersion", breaks: "required", fits: "apps/v1", refused: absent{}},
		"an object has a kind":                 {path: "spec.evidence[0].object.kind", breaks: "required", fits: "Deployment", refused: absent{}},
		"an object has a name":                 {path: "spec.evidence[0].object.name", breaks: "required", fits: "web", refused: absent{}},
		"a list has an apiVersion":             {path: "spec.evidence[1].list.apiVersion", breaks: "required", fits: "v1", refused: absent{}},
		"a list has a kind":                    {path: "spec.evidence[1].list.kind", breaks: "required", fits: "Pod", refused: absent{}},
		"a list looks at an object":            {path: "spec.evidence[1].list.limit", breaks: "minimum", fits: 1, refused: 0},
		"a list looks at no more than 500":     {path: "spec.evidence[1].list.limit", breaks: "maximum", fits: 500, refused: 501},
		"a selector has at most 8 labels":      {path: "spec.evidence[1].list.selector", breaks: "maxProperties", fits: entries(8, "a"), refused: entries(9, "a")},
		"a label's value is bounded":           {path: "spec.evidence[1].list.selector.app", at: "spec.evidence[].list.selector", breaks: selector, fits: text(63), refused: text(64)},
		"a label's name is bounded":            {path: "spec.evidence[1].list.selector", breaks: selector, fits: map[string]any{text(317): "a"}, refused: map[string]any{text(318): "a"}},
		"a label's name is not empty":          {path: "spec.evidence[1].list.selector", breaks: selector, fits: map[string]any{"a": ""}, refused: map[string]any{"": "a"}},
	}
	addLengths(bounds, map[string]int{
		"spec.evidence[0].object.apiVersion": 253,
		"spec.evidence[0].object.kind":       63,
		"spec.evidence[0].object.name":       253,
		"spec.evidence[1].list.apiVersion":   253,
		"spec.evidence[1].list.kind":         63,
	})
	for i, kind := range []string{"helm", "http", "kafka", "sql", "redis"} {
		source := services()[kind]
		bounds["evidence has "+kind] = bound{
			path: fmt.Sprintf("spec.evidence[%d].%s", i+2, kind), at: "spec.evidence[]", breaks: oneOf, fits: source, refused: absent{},
		}
		for at, other := range []string{"an object", "a list"} {
			bounds["evidence has no "+kind+" beside "+other] = bound{
				path: fmt.Sprintf("spec.evidence[%d].%s", at, kind), at: "spec.evidence[]", breaks: oneOf, fits: absent{}, refused: source,
			}
		}
	}
	return bounds
}

// serviceBounds are those of evidence that is looked at from time to time, in the order of the sample.
func serviceBounds() map[string]bound {
	bounds := map[string]bound{
		"helm names a release":            {path: "spec.evidence[2].helm.release", breaks: "required", fits: "shop", refused: absent{}},
		"a release is named as helm does": {path: "spec.evidence[2].helm.release", breaks: "pattern", fits: "shop-2", refused: "shop_2"},
	}
	addLengths(bounds, map[string]int{"spec.evidence[2].helm.release": 53})
	addHTTPBounds(bounds, "spec.evidence[3].http")
	addAddressBounds(bounds, "http", 3)
	addKafkaBounds(bounds, "spec.evidence[4].kafka")
	addAddressBounds(bounds, "kafka", 4)
	addSQLBounds(bounds, "spec.evidence[5].sql")
	addAddressBounds(bounds, "sql", 5)
	addRedisBounds(bounds, "spec.evidence[6].redis")
	addAddressBounds(bounds, "redis", 6)
	return bounds
}

// addAddressBounds adds those of where a service listens. The sample names a Service.
func addAddressBounds(bounds map[string]bound, kind string, index int) {
	const at = "spec.evidence[]."
	path := fmt.Sprintf("spec.evidence[%d].%s", index, kind)
	oneOf := kind + " has exactly one of service and pod"
	ofPod := map[string]any{path + ".service": absent{}}
	for name, tc := range map[string]bound{
		"has a service or a pod":        {path: path + ".service", at: at + kind, breaks: oneOf, fits: "web", refused: absent{}},
		"has no pod beside a service":   {path: path + ".pod", at: at + kind, breaks: oneOf, fits: absent{}, refused: "web-0"},
		"has a pod that can be a name":  {path: path + ".pod", given: ofPod, breaks: "pattern", fits: "web-0.a", refused: "web_0"},
		"has a pod that is bounded":     {path: path + ".pod", given: ofPod, breaks: "maxLength", fits: text(253), refused: text(254)},
		"has no empty pod":              {path: path + ".pod", given: ofPod, breaks: "pattern", fits: "w", refused: ""},
		"has a service that is a label": {path: path + ".service", breaks: "pattern", fits: "web-2", refused: "web.other"},
		"has a service that is bounded": {path: path + ".service", breaks: "maxLength", fits: text(63), refused: text(64)},
		"has no empty service":          {path: path + ".service", breaks: "pattern", fits: "w", refused: ""},
		"has a port":                    {path: path + ".port", breaks: "required", fits: 80, refused: absent{}},
		"has a port of at least 1":      {path: path + ".port", breaks: "minimum", fits: 1, refused: 0},
		"has a port of at most 16 bits": {path: path + ".port", breaks: "maximum", fits: 65535, refused: 65536},
	} {
		bounds[kind+" "+name] = tc
	}
}

func addHTTPBounds(bounds map[string]bound, path string) {
	const withBody = "a body goes with POST, PUT and PATCH"
	header := func(i int) any { return map[string]any{"name": fmt.Sprintf("X-Test-%d", i), "value": "a"} }
	noBody := map[string]any{path + ".body": absent{}}
	maps.Copy(bounds, map[string]bound{
		"a method is one of six":             {path: path + ".method", given: noBody, breaks: "enum", fits: "DELETE", refused: "CONNECT"},
		"a body goes with POST, not GET":     {path: path + ".method", at: "spec.evidence[].http", breaks: withBody, fits: "POST", refused: "GET"},
		"a body goes with PUT, not HEAD":     {path: path + ".method", at: "spec.evidence[].http", breaks: withBody, fits: "PUT", refused: "HEAD"},
		"a body goes with PATCH, not DELETE": {path: path + ".method", at: "spec.evidence[].http", breaks: withBody, fits: "PATCH", refused: "DELETE"},
		"a body goes with no default":        {path: path + ".method", at: "spec.evidence[].http", breaks: withBody, fits: "POST", refused: absent{}},
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
		at   = "spec.evidence[].redis.commands"
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

// services are the smallest sources of evidence that is looked at from time to time, by their field.
func services() map[string]any {
	return map[string]any{
		"helm":  map[string]any{"release": "shop"},
		"http":  map[string]any{"service": "shop", "port": 80},
		"kafka": map[string]any{"service": "kafka", "port": 9092},
		"sql":   map[string]any{"service": "postgres", "port": 5432, "query": "SELECT 1"},
		"redis": map[string]any{"service": "redis", "port": 6379, "commands": map[string]any{"greeting": "PING"}},
	}
}

func objectEvidence(i int) any {
	return map[string]any{
		"name":   fmt.Sprintf("object%d", i),
		"object": map[string]any{"apiVersion": "v1", "kind": "Pod", "name": "web"},
	}
}

// What the operator counts and sorts evidence by.
func TestEvidenceSources(t *testing.T) {
	type verdict struct {
		Sources int
		Watched bool
	}
	tests := map[string]struct {
		evidence v1alpha1.Evidence
		want     verdict
	}{
		"nothing":       {want: verdict{}},
		"an object":     {evidence: v1alpha1.Evidence{Object: &v1alpha1.ObjectEvidence{}}, want: verdict{Sources: 1, Watched: true}},
		"a list":        {evidence: v1alpha1.Evidence{List: &v1alpha1.ListEvidence{}}, want: verdict{Sources: 1, Watched: true}},
		"helm":          {evidence: v1alpha1.Evidence{Helm: &v1alpha1.HelmEvidence{}}, want: verdict{Sources: 1}},
		"http":          {evidence: v1alpha1.Evidence{HTTP: &v1alpha1.HTTPEvidence{}}, want: verdict{Sources: 1}},
		"kafka":         {evidence: v1alpha1.Evidence{Kafka: &v1alpha1.KafkaEvidence{}}, want: verdict{Sources: 1}},
		"sql":           {evidence: v1alpha1.Evidence{SQL: &v1alpha1.SQLEvidence{}}, want: verdict{Sources: 1}},
		"redis":         {evidence: v1alpha1.Evidence{Redis: &v1alpha1.RedisEvidence{}}, want: verdict{Sources: 1}},
		"two of a kind": {evidence: v1alpha1.Evidence{SQL: &v1alpha1.SQLEvidence{}, Redis: &v1alpha1.RedisEvidence{}}, want: verdict{Sources: 2}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := verdict{Sources: tc.evidence.Sources(), Watched: tc.evidence.IsWatched()}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
