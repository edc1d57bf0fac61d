package lint

// The names of the rules.
const (
	ruleStaleAllow  = "stale-allow"
	ruleAnswer      = "answer-given-away"
	ruleCommand     = "command-to-paste"
	ruleCompare     = "never-equal"
	ruleConstant    = "constant-check"
	ruleEmpty       = "true-of-nothing"
	ruleField       = "no-such-field"
	ruleGuess       = "guessed-by-form"
	ruleHalf        = "half-protected"
	ruleHas         = "has-of-absent"
	ruleHold        = "hold-too-long"
	ruleID          = "question-id"
	ruleIndex       = "fixed-index"
	ruleKey         = "key-in-reach"
	ruleKind        = "no-such-kind"
	ruleLearners    = "answered-by-learner"
	ruleLimit       = "list-without-limit"
	ruleOpen        = "open-container"
	ruleOutlived    = "outlived-output"
	rulePodSecurity = "pod-security"
	ruleQuota       = "over-quota"
	ruleReference   = "empty-reference"
	ruleRepeated    = "repeated-expected"
	ruleRights      = "no-right"
	ruleTopic       = "no-topic"
	ruleUnused      = "unused"
)

// Rule is what is asked of authors beyond what the API server and the operator refuse. A comment on the line of a
// field, or above it, suppresses its findings in the field and below: # lint:allow <name>: <reason>.
type Rule struct {
	// Name stands at the end of its findings.
	Name string
	// Finds says what is found.
	Finds string
	// Why says what a learner would suffer from it.
	Why string
	// Instead says what to write.
	Instead string
}

// Rules are all of them, by theme.
func Rules() []Rule {
	return []Rule{
		{ruleUnused, "evidence, params and outputs that nothing uses",
			"it is watched, drawn or kept for nothing, or a check was forgotten", "take it out, or write the check"},
		{ruleTopic, "an exercise that no topic lists",
			"no lab can be started from it", "add it to spec.exercises of a topic"},
		{ruleLimit, "list evidence without limit",
			"over the default of 100 a task is Pending, and the learner reads that there is too much", "limit: the number there can be, with room for slips"},
		{ruleKind, "evidence of a kind that Kubernetes does not have, or has not any more",
			"it is never there, and the task is Pending for ever", "the kind and the apiVersion that the message names"},
		{ruleRights, "evidence that the operator may not look at, setup that the deployer may not create",
			"the lab is Stalled", "judge by something else, or add the right in config/rbac"},
		{ruleEmpty, "a task all of whose checks are true of an empty namespace",
			"it is passed before anything is done: all() is true of an empty list", "`pods.exists(p, ...) && pods.all(p, ...)`"},
		{ruleConstant, "a check that is true, or false, whatever the evidence is",
			"it is no check, or nobody can pass it", "a condition on the evidence"},
		{ruleField, "a field that the kind, or the adapter, does not have; in expressions and in the setup",
			"the check is Pending for ever, the setup is refused", "the field that the message names"},
		{ruleCompare, "comparing or adding what can't go together: a string and a number, a word that never occurs",
			"it is never equal, or always an error; outputs are text, whatever they were",
			"`string(web.spec.replicas) == done.start.replicas`, `timestamp(hpa.status.lastScaleTime) > lab.startedAt`"},
		{ruleOutlived, "a check that needs an output of an earlier task that is of one environment: a UID, a start or creation time, an address, the name of a pod, a server's own identifier; or something from before the task was passed",
			"a pass and its outputs stay after a fresh environment, where nothing is ever equal to it: a dead end",
			"things of one environment compared with each other; or another than the one in the outputs, as in `!pods.exists(p, p.metadata.uid == done.a.pod)`"},
		{ruleHas, "has(a.b.c) where a.b may be absent",
			"it is an error and not false; metadata and spec of an object are there, all else may not be",
			"`a.?b.?c.hasValue()`, or `has(a.b) && has(a.b.c)`"},
		{ruleIndex, "a fixed index into a list of the cluster's",
			"a sidecar, a second metric or another order makes a right solution wrong", "`container(pod, 'web')`, `.exists(...)` or `.filter(...)[0]`"},
		{ruleAnswer, "a title, description, instruction, hint, expected, observed or feedback that contains the answer to a question of the exercise, or shows what its live answer computes; a live answer that is an output of a task",
			"the question asks nothing any more, also when it is locked until later", "other words; the model answer is the place for it"},
		{ruleCommand, "a block of code in instructions with a command of kubectl or helm",
			"pasting teaches nothing", "what to achieve, why, and where to look"},
		{ruleRepeated, "two checks of a task with the same expected",
			"the learner can't tell which of them is open", "what each of them expects"},
		{ruleHold, "a holdFor that is longer than estimatedMinutes",
			"the learner waits for nothing", "a holdFor somewhat longer than the loop that it sees through"},
		{rulePodSecurity, "setup whose pods the lab's podSecurity refuses",
			"the workload has no pods, and no event in the lab's status says why", "the securityContext that the message names, or podSecurity: baseline"},
		{ruleQuota, "setup that uses more than spec.quota",
			"some of its pods never start", "a larger quota, or a smaller setup"},
		{ruleHalf, "a workload whose own label, template and selector do not agree on the protected label; protected pods that use a ConfigMap, Secret or claim that is not protected; other pods that mount a claim that is",
			"a learner gets at the unprotected half: scales it, changes its configuration, or has a pod of their own counted", "the label in all three places, and on all that the pods use"},
		{ruleLearners, "evidence of a Service or a pod of the setup that is not protected, a protected Service whose selector lacks the label",
			"a check believes what a learner's own pod answers", "protect the Service, its selector and its pods; where the learner's own server is judged, a comment that says why a false answer gains nothing"},
		{ruleOpen, "a container that is open to learners in a protected pod and shares a user, a writable volume or the processes with a closed one; an annotation that opens nothing",
			"a learner owns the data that the checks judge", "a runAsUser of its own, or a pod of its own"},
		{ruleID, "an id that a question of another topic has, and a number that is left out between ids that count",
			"scores of two questions are told apart by nothing, or a question got lost", "ids of one prefix for a topic, counted from 01"},
		{ruleGuess, "a right option that is longer than all wrong ones, that has the same place in every question, or that has no wrong one beside it",
			"who knows nothing has it right", "options of one length and tone, wrong ones that are somebody's true mistake"},
		{ruleReference, "a reference without a word in its title, or the same twice",
			"there is nothing to read on", "the title of a primary source"},
		{ruleKey, "an answer key outside of the operator's namespace",
			"the operator does not find it, and learners may read it", "namespace: " + keyNamespace},
		{ruleStaleAllow, "a comment that allows what is not there",
			"it would hide the next mistake", "take it out"},
	}
}
