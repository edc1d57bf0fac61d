package v1beta1_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

// What kubectl get prints comes from the API server, as a table.
func TestColumns(t *testing.T) {
	type table struct {
		Columns []string // those of -o wide in brackets
		Cells   []any
	}
	tests := map[string]table{
		"lab": {
			Columns: []string{"Name", "Topic", "Exercise", "Phase", "Tasks", "Questions", "Score", "Namespace", "[Ready]", "[Next]", "Age"},
			Cells: []any{
				"hpa", "kubernetes", "hpa-scaling", "InProgress", "1/2", "0/1", "50%", "lab-hpa", "True",
				"look at the Deployment web with kubectl -n lab-hpa describe deployment web",
			},
		},
		"exercise": {
			Columns: []string{"Name", "Title", "Difficulty", "Minutes", "Tasks", "Accepted", "Requires", "Age"},
			Cells:   []any{"hpa-scaling", "Scale a web service with its load", "Beginner", int64(30), int64(2), "True", "metrics.k8s.io/v1beta1"},
		},
		"exerciserevision": {
			Columns: []string{"Name", "Exercise", "Topic", "Title", "Age"},
			Cells:   []any{"hpa-scaling-838d905ce4", "hpa-scaling", "kubernetes", "Autoscale a web service under load"},
		},
		"topic": {
			Columns: []string{"Name", "Title", "Exercises", "Questions", "Accepted", "Age"},
			Cells:   []any{"kubernetes", "Kubernetes", int64(2), int64(2), "True"},
		},
		"answerkey": {
			Columns: []string{"Name", "Topic", "Age"},
			Cells:   []any{"kubernetes", "kubernetes"},
		},
		"workshop": {
			Columns: []string{"Name", "Phase", "Attendees", "Ready", "Started", "Completed", "Median", "[Stuck]", "[Stalled]", "Closes", "Age"},
			Cells: []any{
				"platform-morning", "Open", int64(2), int64(2), int64(2), int64(1), "75%", int64(1), int64(0),
				"2027-03-01T12:40:00Z",
			},
		},
		"labresult": {
			Columns: []string{"Name", "Workshop", "Attendee", "Exercise", "Passed", "Tasks", "Right", "Questions", "Score", "Completed"},
			Cells: []any{
				"platform-morning.ada.hpa.hpa-scaling", "platform-morning", "Ada.Lovelace@example.org", "hpa-scaling",
				int64(2), int64(2), int64(0), int64(1), int64(67),
			},
		},
	}
	for kind, want := range tests {
		t.Run(kind, func(t *testing.T) {
			seen := tableOf(t, kind)
			var got table
			for _, column := range seen.ColumnDefinitions {
				name := column.Name
				if column.Priority > 0 {
					name = "[" + name + "]"
				}
				got.Columns = append(got.Columns, name)
				if column.Description == "" && column.Name != "Age" {
					t.Errorf("the column %s has no description", column.Name)
				}
			}
			cells := seen.Rows[0].Cells
			got.Cells = cells[:len(cells)-1] // how long ago something was moves on
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// tableOf creates the sample of a kind with its status and asks for it as kubectl get does.
func tableOf(t *testing.T, kind string) *metav1.Table {
	t.Helper()
	ctx := context.Background()
	object := document(t, kind)
	status, hasStatus := object.Object["status"]
	delete(object.Object, "status")
	created := create(t, object)
	if hasStatus {
		created.Object["status"] = status
		if _, err := resource(t, object).UpdateStatus(ctx, created, metav1.UpdateOptions{FieldValidation: metav1.FieldValidationStrict}); err != nil {
			t.Fatal(err)
		}
	}
	config := rest.CopyConfig(apiServer)
	config.APIPath = "/apis"
	config.GroupVersion = &schema.GroupVersion{Group: v1beta1.GroupVersion.Group, Version: v1beta1.GroupVersion.Version}
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	client, err := rest.RESTClientFor(config)
	if err != nil {
		t.Fatal(err)
	}
	table := &metav1.Table{}
	err = client.Get().
		SetHeader("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io").
		NamespaceIfScoped(object.GetNamespace(), object.GetNamespace() != "").
		Resource(kind + "s").Name(object.GetName()).
		Do(ctx).Into(table)
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Rows) != 1 {
		t.Fatalf("want one row, got %d", len(table.Rows))
	}
	return table
}

// The names that kubectl understands.
func TestNames(t *testing.T) {
	type names struct {
		Kind       string
		Namespaced bool
		Short      []string
		Categories []string
	}
	want := map[string]names{
		"answerkeys":        {Kind: "AnswerKey", Namespaced: true, Categories: []string{"learning"}},
		"exercises":         {Kind: "Exercise", Short: []string{"ex"}, Categories: []string{"learning"}},
		"exerciserevisions": {Kind: "ExerciseRevision", Short: []string{"exrev"}, Categories: []string{"learning"}},
		"labs":              {Kind: "Lab", Namespaced: true, Categories: []string{"learning"}},
		"labresults":        {Kind: "LabResult", Namespaced: true, Categories: []string{"learning"}},
		"labreviews":        {Kind: "LabReview", Namespaced: true, Categories: []string{"learning"}},
		"topics":            {Kind: "Topic", Categories: []string{"learning"}},
		"workshops":         {Kind: "Workshop", Namespaced: true, Categories: []string{"learning"}},
	}
	client, err := discovery.NewDiscoveryClientForConfig(apiServer)
	if err != nil {
		t.Fatal(err)
	}
	served, err := client.ServerResourcesForGroupVersion(v1beta1.GroupVersion.String())
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]names{}
	for _, resource := range served.APIResources {
		if resource.SingularName != "" { // not a subresource
			got[resource.Name] = names{
				Kind: resource.Kind, Namespaced: resource.Namespaced,
				Short: resource.ShortNames, Categories: resource.Categories,
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What was left out is filled in by the API server, so that everyone reads the same.
func TestDefaults(t *testing.T) {
	type field struct {
		kind, path string
		want       any
	}
	tests := map[string]field{
		"a lab has its environment":      {kind: "lab", path: "spec.environment", want: "Present"},
		"a lab is as its exercise asks":  {kind: "lab", path: "spec.size", want: "Small"},
		"an exercise is intermediate":    {kind: "exercise", path: "spec.difficulty", want: "Intermediate"},
		"an exercise takes half an hour": {kind: "exercise", path: "spec.estimatedMinutes", want: int64(30)},
		"an exercise is restricted":      {kind: "exercise", path: "spec.podSecurity", want: "restricted"},
		"an exercise has a quota": {kind: "exercise", path: "spec.quota", want: map[string]any{
			"cpu": "1", "memory": "512Mi", "pods": int64(12), "storage": "1Gi", "defaultRequests": true,
		}},
		"a range has every whole number": {kind: "exercise", path: "spec.params[0].range.step", want: int64(1)},
		"a request reads":                {kind: "exercise", path: "spec.evidence[7].probe.http.method", want: "GET"},
		"a request is for the root":      {kind: "exercise", path: "spec.evidence[7].probe.http.path", want: "/"},
		"a probe is one request":         {kind: "exercise", path: "spec.evidence[7].probe.http.samples", want: int64(1)},
		"a query is of postgres":         {kind: "exercise", path: "spec.evidence[5].probe.sql.database", want: "postgres"},
		"a list has a limit":             {kind: "exercise", path: "spec.evidence[1].list.limit", want: int64(100)},
		"a task is worth a point":        {kind: "exercise", path: "spec.tasks[0].points", want: int64(1)},
		"a task is passed once":          {kind: "exercise", path: "spec.tasks[0].mode", want: "Once"},
		"a question can be seen":         {kind: "topic", path: "spec.questions[0].reveal", want: "Always"},
		"a question has three attempts":  {kind: "topic", path: "spec.questions[0].attempts", want: int64(3)},
		"a question is intermediate":     {kind: "topic", path: "spec.questions[0].difficulty", want: "Intermediate"},
		"labs are set up ahead":          {kind: "workshop", path: "spec.leadTime", want: "15m"},
		"attendees come up 20 at a time": {kind: "workshop", path: "spec.maxConcurrent", want: int64(20)},
		"a workshop's labs are small":    {kind: "workshop", path: "spec.labTemplates[0].spec.size", want: "Small"},
		"a workshop's labs are present":  {kind: "workshop", path: "spec.labTemplates[0].spec.environment", want: "Present"},
		"20 minutes are long for a task": {kind: "workshop", path: "spec.stuckAfter", want: "20m"},
		"the close removes environments": {kind: "workshop", path: "spec.onClose", want: map[string]any{"environments": "Absent"}},
		"a close with more does so too":  {kind: "workshop", path: "spec.onClose.environments", want: "Absent"},
	}
	t.Run("every default of the schema has a test", func(t *testing.T) {
		paths := make([]string, 0, len(tests))
		for _, tc := range tests {
			paths = append(paths, tc.kind+"."+index.ReplaceAllString(tc.path, "[]"))
		}
		for _, kind := range kinds() {
			walk("", schemaOf(t, kind), func(path string, schema *apiextensionsv1.JSONSchemaProps) {
				within := func(tested string) bool { return strings.HasPrefix(kind+"."+path+".", tested+".") }
				if schema.Default != nil && !slices.ContainsFunc(paths, within) {
					t.Errorf("the default of %s.%s has no test", kind, path)
				}
			})
		}
	})
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			object := document(t, tc.kind)
			delete(object.Object, "status")
			set(t, object, tc.path, absent{})
			created, err := resource(t, object).Create(context.Background(), object, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, get(created, tc.path)); diff != "" {
				t.Errorf("%s (-want +got)\n%s", tc.path, diff)
			}
		})
	}
}

// What has no bound of its own in the schema is refused for its type, or for being missing.
func TestRefused(t *testing.T) {
	tests := map[string]struct {
		kind, path string
		value      any
		want       string
	}{
		"an answer is no fraction":   {kind: "lab", path: "spec.answers.k8s-04", value: 0.5, want: "must be of type"},
		"an answer is no yes or no":  {kind: "lab", path: "spec.answers.k8s-04", value: true, want: "must be of type"},
		"an interval is no number":   {kind: "exercise", path: "spec.evidence[2].probe.interval", value: 5, want: "must be of type"},
		"a timeout is no number":     {kind: "exercise", path: "spec.evidence[2].probe.timeout", value: 5, want: "must be of type"},
		"a port is no name":          {kind: "exercise", path: "spec.evidence[3].probe.target.port", value: "http", want: "must be of type"},
		"a param is no fraction":     {kind: "exercise", path: "spec.params[0].range.max", value: 0.5, want: "must be of type"},
		"a lab has a spec":           {kind: "lab", path: "spec", value: absent{}, want: "Required value"},
		"an exercise has a spec":     {kind: "exercise", path: "spec", value: absent{}, want: "Required value"},
		"a topic has a spec":         {kind: "topic", path: "spec", value: absent{}, want: "Required value"},
		"an answer key has a spec":   {kind: "answerkey", path: "spec", value: absent{}, want: "Required value"},
		"a setup object has a kind":  {kind: "exercise", path: "spec.setup[0].kind", value: absent{}, want: "Required value"},
		"a setup object has a group": {kind: "exercise", path: "spec.setup[0].apiVersion", value: absent{}, want: "Required value"},
		"a workshop has a spec":      {kind: "workshop", path: "spec", value: absent{}, want: "Required value"},
		"a result has a spec":        {kind: "labresult", path: "spec", value: absent{}, want: "Required value"},
		"a close is a time":          {kind: "workshop", path: "spec.closesAt", value: "noon", want: "must be of type date-time"},
		"a close is no date":         {kind: "workshop", path: "spec.closesAt", value: "2027-03-01", want: "must be of type date-time"},
		"a close has a time zone":    {kind: "workshop", path: "spec.closesAt", value: "2027-03-01T12:00:00", want: "must be of type date-time"},
		"a close is not empty":       {kind: "workshop", path: "spec.closesAt", value: "", want: "must be of type date-time"},
		"a close is on a day":        {kind: "workshop", path: "spec.closesAt", value: "2027-02-29T12:00:00Z", want: "must be of type date-time"},
		"a close is no number":       {kind: "workshop", path: "spec.closesAt", value: 1803902400, want: "must be of type date-time"},
		"an opening is a time":       {kind: "workshop", path: "spec.opensAt", value: "soon", want: "must be of type date-time"},
		"a duration is no number":    {kind: "workshop", path: "spec.stuckAfter", value: 20, want: "must be of type string"},
		"an attendee is no text":     {kind: "workshop", path: "spec.attendees[0]", value: "ada", want: "must be of type object"},
		"a name is no number":        {kind: "workshop", path: "spec.attendees[0].name", value: 42, want: "must be of type string"},
		"a pass was at a time":       {kind: "labresult", path: "spec.passed[0].at", value: "once", want: "must be of type date-time"},
		"a result began at a time":   {kind: "labresult", path: "spec.startedAt", value: "then", want: "must be of type date-time"},
		"a result ended at a time":   {kind: "labresult", path: "spec.completedAt", value: "then", want: "must be of type date-time"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			err := submit(t, tc.kind, bound{path: tc.path}, tc.value)
			if got := complaint(err, tc.path); !strings.Contains(got, tc.want) {
				t.Errorf("%s: want a complaint with %q, got %v", tc.path, tc.want, err)
			}
		})
	}
}
