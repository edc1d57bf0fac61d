package v1beta1_test

import (
	"fmt"
	"testing"
)

func TestLabBounds(t *testing.T) {
	checkBounds(t, "lab", labSpecBounds(), labStatusBounds())
}

func labSpecBounds() map[string]bound {
	const (
		answerSize = "an answer is an integer of 32 bits or a text of at most 256 characters: put larger numbers in quotes"
		answerID   = "the ids of questions look like k8s-04: lower-case letters, digits and dashes"
		nameSize   = "the name of a Lab has at most 40 characters"
		nameForm   = "the name of a Lab has lower-case letters, digits and dashes only: it becomes part of a namespace's name"
	)
	return map[string]bound{
		"a name has at most 40 characters":      {path: "metadata.name", at: theObject, breaks: nameSize, fits: text(40), refused: text(41)},
		"a name has no dots":                    {path: "metadata.name", at: theObject, breaks: nameForm, fits: "my-lab", refused: "my.lab"},
		"a topic is given":                      {path: "spec.topic", breaks: "required", fits: "kubernetes", refused: absent{}},
		"a topic is not empty":                  {path: "spec.topic", breaks: "minLength", fits: "k", refused: ""},
		"a topic has at most 63 characters":     {path: "spec.topic", breaks: "maxLength", fits: text(63), refused: text(64)},
		"an exercise can be left out":           {path: "spec.exercise", breaks: "minLength", fits: absent{}, refused: ""},
		"an exercise has at most 63 characters": {path: "spec.exercise", breaks: "maxLength", fits: text(63), refused: text(64)},
		"an environment is absent or present":   {path: "spec.environment", breaks: "enum", fits: "Absent", refused: "Paused"},
		"a size is one of three":                {path: "spec.size", breaks: "enum", fits: "Large", refused: "Huge"},
		"there are at most 64 answers":          {path: "spec.answers", breaks: "maxProperties", fits: entries(64, "a"), refused: entries(65, "a")},
		"an answer is at most 256 characters":   {path: "spec.answers.k8s-04", at: "spec.answers", breaks: answerSize, fits: text(256), refused: text(257)},
		"an answer fits in 32 bits":             {path: "spec.answers.k8s-04", at: "spec.answers", breaks: answerSize, fits: 1<<31 - 1, refused: 1 << 31},
		"an answer fits in 32 bits below zero":  {path: "spec.answers.k8s-04", at: "spec.answers", breaks: answerSize, fits: -1 << 31, refused: -1<<31 - 1},
		"the id of an answer is in lower case":  {path: "spec.answers", breaks: answerID, fits: map[string]any{"k8s-04": "b"}, refused: map[string]any{"K8S-04": "b"}},
		"the id of an answer has at most 31 characters": {
			path: "spec.answers", breaks: answerID,
			fits: map[string]any{text(31): "b"}, refused: map[string]any{text(32): "b"},
		},
	}
}

func TestLabSteps(t *testing.T) {
	const (
		topic    = "topic is immutable: create another Lab for another topic"
		exercise = "exercise is immutable: create another Lab for another exercise"
	)
	checkSteps(t, "lab", map[string]step{
		"the topic cannot be changed":        {path: "spec.topic", was: "kubernetes", then: "kafka", breaks: topic},
		"the exercise cannot be changed":     {path: "spec.exercise", was: "hpa-scaling", then: "rollouts", breaks: exercise},
		"the exercise cannot be taken away":  {path: "spec.exercise", was: "hpa-scaling", then: absent{}, breaks: exercise},
		"an exercise cannot be given later":  {path: "spec.exercise", was: absent{}, then: "hpa-scaling", breaks: exercise},
		"an answer can be changed":           {path: "spec.answers", was: map[string]any{"k8s-04": "b"}, then: map[string]any{"k8s-04": 3}},
		"the answers can be taken away":      {path: "spec.answers", was: map[string]any{"k8s-04": "b"}, then: absent{}},
		"an environment can be made absent":  {path: "spec.environment", was: "Present", then: "Absent"},
		"an environment can be made present": {path: "spec.environment", was: "Absent", then: "Present"},
		"the size can be changed":            {path: "spec.size", was: "Small", then: "Large"},
	})
}

func labStatusBounds() map[string]bound {
	const (
		paramSize  = "params hold texts of at most 63 characters"
		outputSize = "outputs holds texts of at most 256 characters"
	)
	question := func(i int) any {
		return map[string]any{"id": fmt.Sprintf("q-%d", i), "state": "Open", "attemptsLeft": 3}
	}
	taskStatus := func(i int) any { return map[string]any{"name": fmt.Sprintf("task%d", i), "state": "Locked"} }
	line := func(i int) any { return fmt.Sprintf("line %d", i) }
	verdict := func(int) any { return map[string]any{"expected": "a pod", "state": "Pending"} }
	const task, asked = "status.current.task", "status.current.taskQuestion"
	bounds := map[string]bound{
		"conditions are unique":                   {path: "status.conditions", breaks: "unique", fits: conditions(2), refused: append(conditions(1), conditions(1)...)},
		"there are at most 16 conditions":         {path: "status.conditions", breaks: "maxItems", fits: conditions(16), refused: conditions(17)},
		"there are at most 5 notices":             {path: "status.notices", breaks: "maxItems", fits: many(5, line), refused: many(6, line)},
		"observedGeneration is not negative":      {path: "status.observedGeneration", breaks: "minimum", fits: 0, refused: -1},
		"there are at most 8 params":              {path: "status.params", breaks: "maxProperties", fits: entries(8, "a"), refused: entries(9, "a")},
		"a param's value is bounded":              {path: "status.params.replicas", at: "status.params", breaks: paramSize, fits: text(63), refused: text(64)},
		"a param's name is bounded":               {path: "status.params", breaks: paramSize, fits: map[string]any{text(31): "a"}, refused: map[string]any{text(32): "a"}},
		"a phase is one of five":                  {path: "status.phase", breaks: "enum", fits: "Provisioning", refused: "Failed"},
		"a score is not negative":                 {path: "status.scorePercent", breaks: "minimum", fits: 0, refused: -1},
		"a score is at most 100":                  {path: "status.scorePercent", breaks: "maximum", fits: 100, refused: 101},
		"there are at most 32 questions":          {path: "status.questions", breaks: "maxItems", fits: many(32, question), refused: many(33, question)},
		"a question has an id":                    {path: "status.questions[0].id", breaks: "required", fits: "k8s-04", refused: absent{}},
		"a question's id is not empty":            {path: "status.questions[0].id", breaks: "minLength", fits: "k", refused: ""},
		"a question has a state":                  {path: "status.questions[0].state", breaks: "required", fits: "Open", refused: absent{}},
		"a question's state is one of six":        {path: "status.questions[0].state", breaks: "enum", fits: "Exhausted", refused: "Passed"},
		"attemptsLeft is not negative":            {path: "status.questions[0].attemptsLeft", breaks: "minimum", fits: 0, refused: -1},
		"attemptsLeft is at most 10":              {path: "status.questions[0].attemptsLeft", breaks: "maximum", fits: 10, refused: 11},
		"there are at most 10 attempts":           {path: "status.questions[0].attempts", breaks: "maxItems", fits: many(10, line), refused: many(11, line)},
		"there are at most 16 tasks":              {path: "status.tasks", breaks: "maxItems", fits: many(16, taskStatus), refused: many(17, taskStatus)},
		"a task has a name":                       {path: "status.tasks[0].name", breaks: "required", fits: "requests", refused: absent{}},
		"a task's name is not empty":              {path: "status.tasks[0].name", breaks: "minLength", fits: "r", refused: ""},
		"a task has a state":                      {path: "status.tasks[0].state", breaks: "required", fits: "Passed", refused: absent{}},
		"a task's state is never Failed":          {path: "status.tasks[0].state", breaks: "enum", fits: "Locked", refused: "Failed"},
		"a task has at most 8 outputs":            {path: "status.tasks[0].outputs", breaks: "maxProperties", fits: entries(8, "a"), refused: entries(9, "a")},
		"the value of an output is bounded":       {path: "status.tasks[0].outputs.hpaUID", at: "status.tasks[].outputs", breaks: outputSize, fits: text(256), refused: text(257)},
		"the name of an output is bounded":        {path: "status.tasks[0].outputs", breaks: outputSize, fits: map[string]any{text(31): "a"}, refused: map[string]any{text(32): "a"}},
		"the current task has a name":             {path: task + ".name", breaks: "required", fits: "requests", refused: absent{}},
		"the current task's name is not empty":    {path: task + ".name", breaks: "minLength", fits: "r", refused: ""},
		"the current task has a title":            {path: task + ".title", breaks: "required", fits: "Scale", refused: absent{}},
		"the current task's title is not empty":   {path: task + ".title", breaks: "minLength", fits: "S", refused: ""},
		"the current task has at most 5 hints":    {path: task + ".hints", breaks: "maxItems", fits: many(5, line), refused: many(6, line)},
		"the current task has at most 16 checks":  {path: task + ".checks", breaks: "maxItems", fits: many(16, verdict), refused: many(17, verdict)},
		"a check says what is expected":           {path: task + ".checks[0].expected", breaks: "required", fits: "a pod", refused: absent{}},
		"what is expected is not empty":           {path: task + ".checks[0].expected", breaks: "minLength", fits: "a", refused: ""},
		"a check has a state":                     {path: task + ".checks[0].state", breaks: "required", fits: "Error", refused: absent{}},
		"a check is never Locked":                 {path: task + ".checks[0].state", breaks: "enum", fits: "Error", refused: "Locked"},
		"the current question has an id":          {path: asked + ".id", breaks: "required", fits: "k8s-04", refused: absent{}},
		"the current question's id is not empty":  {path: asked + ".id", breaks: "minLength", fits: "k", refused: ""},
		"the current question has 8 options":      {path: asked + ".options", breaks: "maxItems", fits: many(8, line), refused: many(9, line)},
		"the current question has no less than 0": {path: asked + ".attemptsLeft", breaks: "minimum", fits: 0, refused: -1},
		"the current question has 10 attempts":    {path: asked + ".attemptsLeft", breaks: "maximum", fits: 10, refused: 11},
	}
	addCounts(bounds, "status.", "tasksPassed", "tasksTotal", "questionsRight", "questionsTotal")
	addMaxLengths(bounds, map[string]int{
		"status.current.intro":            2200,
		"status.environment.namespaceUID": 64,
		"status.environment.setupHash":    64,
		"status.exercise":                 63,
		"status.namespace":                63,
		"status.next":                     1024,
		"status.notices[0]":               512,
		"status.questions[0].attempts[0]": 256,
		"status.questions[0].id":          31,
		"status.revision":                 80,
		"status.summary.questions":        16,
		"status.summary.score":            8,
		"status.summary.tasks":            16,
		"status.tasks[0].expected":        512,
		"status.tasks[0].name":            31,
		"status.tasks[0].observed":        512,
		task + ".checks[0].expected":      512,
		task + ".checks[0].observed":      512,
		task + ".hints[0]":                512,
		task + ".instructions":            4096,
		task + ".name":                    31,
		task + ".title":                   200,
		asked + ".answerWith":             512,
		asked + ".feedback":               1024,
		asked + ".id":                     31,
		asked + ".interviewQuestion":      512,
		asked + ".options[0]":             520,
		asked + ".prompt":                 1024,
		asked + ".unit":                   32,
	})
	return bounds
}
