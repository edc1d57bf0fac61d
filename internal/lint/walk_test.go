package lint

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lab-operator/lab-operator/api/v1beta1"
	"github.com/lab-operator/lab-operator/internal/check"
	"github.com/lab-operator/lab-operator/internal/evidence/probe"
)

// queue is a service with every kind of documented field.
func queue() probe.Adapter {
	return probe.Adapter{
		Name: "kafka",
		Keys: func(field string, spec *v1beta1.ProbeEvidence) []string {
			if field == "topics" {
				return spec.Kafka.Topics
			}
			return nil
		},
		Fields: []probe.Field{
			{Name: "brokers", Type: "int"},
			{Name: "since", Type: "timestamp"},
			{Name: "took", Type: "duration"},
			{Name: "controller.name", Type: "string"},
			{Name: "topics", Type: "map"},
			{Name: "topics.<topic>.partitions", Type: "int"},
			{Name: "topics.<topic>.replicas[].leader", Type: "bool"},
			{Name: "groups.<group>.topics.<topic>.lag", Type: "int"},
			{Name: "members", Type: "list"},
			{Name: "settings", Type: "map"},
			{Name: "raw", Type: "dyn"},
			{Name: "raw.<field>", Type: "string"},
		},
	}
}

func testExercise() *exerciseLinter {
	object := func(name, apiVersion, kind string) v1beta1.Evidence {
		return v1beta1.Evidence{Name: name, Object: &v1beta1.ObjectEvidence{APIVersion: apiVersion, Kind: kind, Name: name}}
	}
	spec := &v1beta1.ExerciseSpec{
		Params: []v1beta1.Param{{Name: "size", Range: &v1beta1.ParamRange{Min: 1, Max: 3}}, {Name: "shade", OneOf: []string{"red", "green"}}},
		Evidence: []v1beta1.Evidence{
			object("web", "apps/v1", "Deployment"),
			object("hpa", "autoscaling/v2", "HorizontalPodAutoscaler"),
			object("page", "v1", "ConfigMap"),
			object("svc", "v1", "Service"),
			object("cr", "example.com/v1", "Widget"),
			{Name: "pods", List: &v1beta1.ListEvidence{APIVersion: "v1", Kind: "Pod"}},
			{Name: "q", Probe: &v1beta1.ProbeEvidence{Kafka: &v1beta1.KafkaEvidence{Topics: []string{"orders"}}}},
			{Name: "any", Probe: &v1beta1.ProbeEvidence{Helm: &v1beta1.HelmEvidence{Release: "web"}}},
		},
		Tasks: []v1beta1.Task{{Name: "start", Outputs: map[string]string{"uid": "web.metadata.uid"}}},
	}
	return &exerciseLinter{spec: spec, inspector: check.Inspect(spec), adapters: []probe.Adapter{queue()}}
}

func TestWalk(t *testing.T) {
	tests := map[string]struct {
		expression string
		want       []string
	}{
		// Fields.
		"a field of a field":                    {"web.spec.template.spec.nodeNam == 'a'", []string{"1 no-such-field web.spec.template.spec.nodeNam: PodSpec has no field nodeNam; did you mean nodeName?"}},
		"a field by its key":                    {"web.spec['replcas'] == 1", []string{"1 no-such-field web.spec.replcas: DeploymentSpec has no field replcas; did you mean replicas?"}},
		"a field with optional access":          {"web.spec.?replcas.orValue(1) == 1", []string{"1 no-such-field web.spec.replcas: DeploymentSpec has no field replcas; did you mean replicas?"}},
		"a field in has":                        {"has(web.spec.replcas)", []string{"1 no-such-field web.spec.replcas: DeploymentSpec has no field replcas; did you mean replicas?"}},
		"a field of the object":                 {"web.speck.replicas == 1", []string{"1 no-such-field web.speck: Deployment has no field speck; did you mean spec?"}},
		"a field of the metadata":               {"cr.metadata.label.app == 'a'", []string{"1 no-such-field cr.metadata.label: ObjectMeta has no field label; did you mean labels?"}},
		"any field of another kind":             {"cr.spec.anything.goes == 1 && cr.status.too", nil},
		"any key of labels and data":            {"web.metadata.labels.app == 'a' && page.data['any.txt'] == 'x' && page.data.more == 'y'", nil},
		"a field below a string":                {"web.metadata.name.first == 'a'", []string{"1 no-such-field web.metadata.name is a string: there is nothing below it"}},
		"a field below a label":                 {"web.metadata.labels['a.b/c'].first == 'a'", []string{"1 no-such-field web.metadata.labels['a.b/c'] is a string: there is nothing below it"}},
		"a field of a list":                     {"pods.metadata.name == 'a'", []string{"1 no-such-field pods is a list: write pods.exists(x, ...), or take one element by a filter"}},
		"an index into an object":               {"web.spec[0] == 1", []string{"1 no-such-field web.spec is an object: it has no element 0"}},
		"through filter and map":                {"pods.filter(p, p.spec.hostname != '').map(p, p.spec).exists(s, s.hostNme == 'a')", []string{"1 no-such-field s.hostNme: PodSpec has no field hostNme; did you mean hostname?"}},
		"through a choice":                      {"(size(pods) > 1 ? web : web).spec.replcas == 1", []string{"1 no-such-field (size(pods) > 1) ? web : web.spec.replcas: DeploymentSpec has no field replcas; did you mean replicas?"}},
		"through what are different kinds":      {"(size(pods) > 1 ? web : hpa).spec.whatever == 1", nil},
		"through optMap":                        {"web.?status.optMap(s, s.readyReplica).orValue(0) == 1", []string{"1 no-such-field s.readyReplica: DeploymentStatus has no field readyReplica; did you mean readyReplicas?"}},
		"through a container":                   {"container(web, 'web').imag == 'a:1'", []string{`1 no-such-field container(web, "web").imag: Container has no field imag; did you mean image?`}},
		"through sort and slice":                {"pods.map(p, p.metadata.name).sort().slice(0, 1).exists(n, n.first == 'a')", []string{"1 no-such-field n is a string: there is nothing below it"}},
		"a key and a value of a map":            {"web.metadata.labels.exists(k, v, k.x == v.y)", []string{"1 no-such-field k is a string: there is nothing below it", "1 no-such-field v is a string: there is nothing below it"}},
		"a place and an element of a list":      {"pods.all(i, p, i < 3 && p.spec.x == 1)", []string{"1 no-such-field p.spec.x: PodSpec has no field x"}},
		"a variable of a macro by another name": {"pods.exists(web, web.spec.nodeName == 'a')", nil},
		"quantities and either-ors":             {"container(web, 'web').resources.limits.memory == '1Gi' && svc.spec.ports.exists(p, p.targetPort == 80 || p.targetPort == 'http')", nil},
		"the line of a field":                   {"web.spec.replicas == 1 &&\n  web.spec.replcas == 2", []string{"2 no-such-field web.spec.replcas: DeploymentSpec has no field replcas; did you mean replicas?"}},

		// Services.
		"a field of a service":                {"q.broker == 3", []string{"1 no-such-field q.broker: kafka has no field broker; did you mean brokers?"}},
		"what every service has":              {"!q.ok && q.error != '' && q.reason == 'Refused'", nil},
		"a word that is no reason":            {"q.reason in ['Refused', 'Timeout']", []string{"1 never-equal q.reason is never 'Timeout'; did you mean TimedOut?"}},
		"a topic that is not looked at":       {"q.topics.order.partitions == 3", []string{"1 no-such-field q.topics.order: it has no field order; did you mean orders?"}},
		"below a topic":                       {"q.topics.orders.partition == 3 || q.topics['orders'].replicas.exists(r, r.leader == 1)", []string{"1 no-such-field q.topics.orders.partition: it has no field partition; did you mean partitions?", "1 never-equal compares r.leader, a bool, with 1, a number: they are never equal; write both as the same"}},
		"what is said in words alone":         {"q.topics.orders.replicas.exists(r, r.rack == 'a')", nil},
		"topics of a group":                   {"q.groups.any.topics.more.lag == 0", nil},
		"what is documented as anything":      {"q.members[0].x[1] == 'a' && q.settings.a.b && q.raw.a.b.c == 1", nil},
		"fields of one name":                  {"q.controller.nam == 'a'", []string{"1 no-such-field q.controller.nam: it has no field nam; did you mean name?"}},
		"a service whose adapter is not here": {"any.what.ever == 1", nil},

		// What can't go together.
		"a number and a string":                    {"web.spec.replicas == '1'", []string{`1 never-equal compares web.spec.replicas, a number, with "1", a string: they are never equal; write string(...) or int(...) around one of them`}},
		"a string and a bool":                      {"web.metadata.name != true", []string{"1 never-equal compares web.metadata.name, a string, with true, a bool: they are never equal; write both as the same"}},
		"a time that is text":                      {"web.metadata.creationTimestamp > lab.startedAt", []string{"1 never-equal compares web.metadata.creationTimestamp, a string, with lab.startedAt, a timestamp: that is always an error; write timestamp(...) around the string"}},
		"a time that is one":                       {"q.since > lab.startedAt && timestamp(web.metadata.creationTimestamp) < now && now - q.since > q.took", nil},
		"a string and a duration":                  {"q.controller.name == q.took", []string{"1 never-equal compares q.controller.name, a string, with q.took, a duration: they are never equal; write duration(...) around the string"}},
		"a number to a string":                     {"'replicas: ' + web.spec.replicas == 'a'", []string{`1 never-equal adds "replicas: ", a string, and web.spec.replicas, a number: that is always an error; write string(...) or int(...) around one of them`}},
		"a sum of texts":                           {"'a' + web.metadata.name + string(1) + web.metadata.uid == 'a'", nil},
		"a sum of numbers":                         {"web.spec.replicas + 1 == 2 && web.spec.replicas * 2 > 3.5", nil},
		"a number among texts":                     {"web.spec.replicas in ['1', '2']", []string{`1 never-equal looks for web.spec.replicas, a number, in a list of which each element is a string: it is never there; write string(...) or int(...) around one of them`}},
		"a number among numbers":                   {"web.spec.replicas in [1, 2] && 'a' in page.data", nil},
		"a phase that is none":                     {"pods.exists(p, p.status.phase == 'running')", []string{"1 never-equal p.status.phase is never 'running'; did you mean Running?"}},
		"a phase in front":                         {"pods.exists(p, 'Runing' == p.status.phase)", []string{"1 never-equal p.status.phase is never 'Runing'; did you mean Running?"}},
		"the status of a condition":                {"web.status.conditions.exists(c, c.type == 'Available' && c.status == 'true')", []string{"1 never-equal c.status is never 'true'; did you mean True?"}},
		"no phase yet":                             {"pods.exists(p, p.status.?phase.orValue('') == '' || p.status.phase == '')", nil},
		"a param that is a number":                 {"web.metadata.name == params.size", []string{"1 never-equal compares web.metadata.name, a string, with params.size, a number: they are never equal; write string(...) or int(...) around one of them"}},
		"a param that is one of some texts":        {"params.shade == 'blue'", []string{"1 never-equal params.shade is never 'blue'; there is green, red"}},
		"outputs of a task":                        {"done.start.uid == web.metadata.uid && done.start.at < now && done.start.passed", nil},
		"null":                                     {"web.spec.replicas != null && web.metadata.name != null", nil},
		"what is not known is equal to everything": {"cr.spec.a == 1 || cr.spec.a == 'a' || q.raw.a == true", nil},

		// What may be absent.
		"the first step":                        {"has(web.metadata.labels) && has(web.spec.paused) && has(web.status)", nil},
		"below the status":                      {"has(web.status.readyReplicas)", []string{"1 has-of-absent has(web.status.readyReplicas) is an error where web.status is absent: write web.?status.?readyReplicas.hasValue(), or has(web.status) && has(web.status.readyReplicas)"}},
		"below what is always written":          {"has(web.spec.template.spec.nodeName)", nil},
		"below a pointer":                       {"has(web.spec.template.spec.securityContext.runAsUser)", []string{"1 has-of-absent has(web.spec.template.spec.securityContext.runAsUser) is an error where web.spec.template.spec.securityContext is absent: write web.spec.template.spec.?securityContext.?runAsUser.hasValue(), or has(web.spec.template.spec.securityContext) && has(web.spec.template.spec.securityContext.runAsUser)"}},
		"below a map":                           {"has(web.metadata.labels.app)", []string{"1 has-of-absent has(web.metadata.labels.app) is an error where web.metadata.labels is absent: write web.metadata.?labels.?app.hasValue(), or has(web.metadata.labels) && has(web.metadata.labels.app)"}},
		"below what is not known":               {"has(cr.spec.a) && has(cr.spec.b.c)", []string{"1 has-of-absent has(cr.spec.b.c) is an error where cr.spec.b is absent: write cr.spec.?b.?c.hasValue(), or has(cr.spec.b) && has(cr.spec.b.c)"}},
		"with optional access":                  {"has(web.?status.readyReplicas)", nil},
		"tested before":                         {"has(cr.spec.b) && has(cr.spec.b.c) && cr.spec.b.c == 1", nil},
		"tested after":                          {"has(cr.spec.b.c) && has(cr.spec.b)", nil},
		"tested by way of another":              {"cr.spec.?b.c.hasValue() && has(cr.spec.b.c.d)", nil},
		"tested in a choice":                    {"has(cr.spec.b) ? has(cr.spec.b.c) : has(cr.spec.d)", nil},
		"tested for the wrong side of a choice": {"has(cr.spec.b) ? has(cr.spec.d) : has(cr.spec.b.c)", []string{"1 has-of-absent has(cr.spec.b.c) is an error where cr.spec.b is absent: write cr.spec.?b.?c.hasValue(), or has(cr.spec.b) && has(cr.spec.b.c)"}},
		"tested for absence":                    {"!has(cr.spec.b) || has(cr.spec.b.c)", nil},
		"tested in an or":                       {"has(cr.spec.b) || has(cr.spec.b.c)", []string{"1 has-of-absent has(cr.spec.b.c) is an error where cr.spec.b is absent: write cr.spec.?b.?c.hasValue(), or has(cr.spec.b) && has(cr.spec.b.c)"}},
		"something of a similar name tested":    {"has(cr.spec.bc) && has(cr.spec.b.c)", []string{"1 has-of-absent has(cr.spec.b.c) is an error where cr.spec.b is absent: write cr.spec.?b.?c.hasValue(), or has(cr.spec.b) && has(cr.spec.b.c)"}},
		"tested of another by the same name":    {"has(cr.spec.affinity) && pods.all(cr, has(cr.spec.affinity.podAffinity))", []string{"1 has-of-absent has(cr.spec.affinity.podAffinity) is an error where cr.spec.affinity is absent: write cr.spec.?affinity.?podAffinity.hasValue(), or has(cr.spec.affinity) && has(cr.spec.affinity.podAffinity)"}},
		"of an element":                         {"pods.all(p, has(p.metadata.deletionTimestamp)) && hpa.spec.metrics.exists(m, has(m.resource))", nil},
		"of a service":                          {"has(q.topics) && has(q.ok)", nil},
		"below a value of a service":            {"has(q.topics.orders)", []string{"1 has-of-absent has(q.topics.orders) is an error where q.topics is absent: write q.?topics.?orders.hasValue(), or has(q.topics) && has(q.topics.orders)"}},
		"of outputs of a task":                  {"has(done.start.uid) && has(lab.startedAt)", nil},

		// Fixed places.
		"a container":                   {"web.spec.template.spec.containers[0].image == 'a:1'", []string{"1 fixed-index takes the element of web.spec.template.spec.containers at a fixed place: anyone may put another container before it; write container(x, 'name')"}},
		"an init container, optionally": {"web.spec.template.spec.?initContainers[?0].?image.hasValue()", []string{"1 fixed-index takes the element of web.spec.template.spec.initContainers at a fixed place: anyone may put another container before it; write container(x, 'name')"}},
		"a metric":                      {"hpa.spec.metrics[0].type == 'Resource'", []string{"1 fixed-index takes the element of hpa.spec.metrics at a fixed place: its order is not yours; choose by what it is, as in hpa.spec.metrics.filter(x, x.name == 'a')"}},
		"an object":                     {"pods[1].metadata.name == 'a'", []string{"1 fixed-index takes the element of pods at a fixed place: its order is not yours; choose by what it is, as in pods.filter(x, x.name == 'a')"}},
		"a list of another kind":        {"cr.spec.parts[0] == 'a'", []string{"1 fixed-index takes the element of cr.spec.parts at a fixed place: its order is not yours; choose by what it is, as in cr.spec.parts.filter(x, x.name == 'a')"}},
		"with a default":                {"web.spec.template.spec.?initContainers.orValue([])[0].name == 'a'", []string{"1 fixed-index takes the element of web.spec.template.spec.?initContainers.orValue([]) at a fixed place: its order is not yours; choose by what it is, as in web.spec.template.spec.?initContainers.orValue([]).filter(x, x.name == 'a')"}},
		"in a macro":                    {"pods.all(p, p.spec.containers[0].name == 'a')", []string{"1 fixed-index takes the element of p.spec.containers at a fixed place: anyone may put another container before it; write container(x, 'name')"}},
		"of what was chosen":            {"pods.filter(p, p.spec.nodeName == 'a')[0].metadata.name == 'a' && pods.map(p, p.metadata.name).sort()[0] == 'b'", nil},
		"of a string taken apart":       {"'a:b'.split(':')[1] == 'b' && ['a:b'].exists(s, s.split(':')[0] == 'a') && [1, 2][0] == 1", nil},
		"of a service's list":           {"q.members[0] == 'a' && q.topics.orders.replicas[0].leader", nil},
		"a computed place":              {"pods[size(pods) - 1].metadata.name == 'a'", nil},
	}
	s := testExercise()
	variables := s.variables()
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			compiled := s.inspector.Expression(tc.expression)
			if compiled == nil {
				t.Fatalf("does not compile: %s", tc.expression)
			}
			var got []string
			walkExpression(compiled, variables, func(rule string, line int, message string) {
				if found := fmt.Sprintf("%d %s %s", line, rule, message); len(got) == 0 || got[len(got)-1] != found {
					got = append(got, found)
				}
			})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s\n(-want +got):\n%s", tc.expression, diff)
			}
		})
	}
}
