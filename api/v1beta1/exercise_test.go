package v1beta1_test

import (
	"fmt"
	"testing"
)

func TestExerciseBounds(t *testing.T) {
	checkBounds(t, "exercise", exerciseBounds(), paramBounds(), evidenceBounds(), probeBounds(), taskBounds(), countBounds("taskCount"))
}

func exerciseBounds() map[string]bound {
	const (
		nameSize    = "the name of an Exercise has at most 63 characters"
		cpuSize     = "cpu is more than 0 and at most 64"
		memorySize  = "memory is more than 0 and at most 256Gi"
		storageSize = "storage is 0 to 1Ti"
	)
	object := map[string]any{"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": "page"}}
	requirement := func(i int) any {
		return map[string]any{"api": fmt.Sprintf("example.com/v%d", i), "remedy": "install it"}
	}
	bounds := map[string]bound{
		"a name has at most 63 characters":       {path: "metadata.name", at: theObject, breaks: nameSize, fits: text(63), refused: text(64)},
		"a title is given":                       {path: "spec.title", breaks: "required", fits: "Scaling", refused: absent{}},
		"evidence is given":                      {path: "spec.evidence", breaks: "required", fits: many(1, objectEvidence), refused: absent{}},
		"tasks are given":                        {path: "spec.tasks", breaks: "required", fits: many(1, task), refused: absent{}},
		"a difficulty is one of three":           {path: "spec.difficulty", breaks: "enum", fits: "Advanced", refused: "Expert"},
		"it takes a minute":                      {path: "spec.estimatedMinutes", breaks: "minimum", fits: 1, refused: 0},
		"it takes at most 8 hours":               {path: "spec.estimatedMinutes", breaks: "maximum", fits: 480, refused: 481},
		"pods are never privileged":              {path: "spec.podSecurity", breaks: "enum", fits: "restricted", refused: "privileged"},
		"at most 8 APIs are required":            {path: "spec.requires", breaks: "maxItems", fits: many(8, requirement), refused: many(9, requirement)},
		"required APIs are unique":               {path: "spec.requires", breaks: "unique", fits: many(2, requirement), refused: []any{requirement(1), requirement(1)}},
		"a requirement names an API":             {path: "spec.requires[0].api", breaks: "required", fits: "apps/v1", refused: absent{}},
		"a required API is not empty":            {path: "spec.requires[0].api", breaks: "minLength", fits: "a/v1", refused: ""},
		"a required API has a group":             {path: "spec.requires[0].api", breaks: "pattern", fits: "metrics.k8s.io/v1beta1", refused: "v1"},
		"a required API has a version":           {path: "spec.requires[0].api", breaks: "pattern", fits: "metrics.k8s.io/v1beta1", refused: "metrics.k8s.io"},
		"a required API is bounded":              {path: "spec.requires[0].api", breaks: "maxLength", fits: text(250) + "/v1", refused: text(251) + "/v1"},
		"a requirement has a remedy":             {path: "spec.requires[0].remedy", breaks: "required", fits: "install it", refused: absent{}},
		"CPU is a quantity":                      {path: "spec.quota.cpu", breaks: "pattern", fits: "500m", refused: "much"},
		"there is some CPU":                      {path: "spec.quota.cpu", breaks: cpuSize, fits: "1m", refused: "0"},
		"CPU is not negative":                    {path: "spec.quota.cpu", breaks: cpuSize, fits: 1, refused: -1},
		"CPU is at most 64 cores":                {path: "spec.quota.cpu", breaks: cpuSize, fits: 64, refused: "64001m"},
		"memory is a quantity":                   {path: "spec.quota.memory", breaks: "pattern", fits: "1Gi", refused: "1GiB"},
		"there is some memory":                   {path: "spec.quota.memory", breaks: memorySize, fits: "1Mi", refused: "0"},
		"memory is at most 256Gi":                {path: "spec.quota.memory", breaks: memorySize, fits: "256Gi", refused: "257Gi"},
		"storage is a quantity":                  {path: "spec.quota.storage", breaks: "pattern", fits: "1Gi", refused: "1 Gi"},
		"storage is not negative":                {path: "spec.quota.storage", breaks: storageSize, fits: "0", refused: "-1Gi"},
		"storage is at most 1Ti":                 {path: "spec.quota.storage", breaks: storageSize, fits: "1Ti", refused: "1025Gi"},
		"there is a pod":                         {path: "spec.quota.pods", breaks: "minimum", fits: 1, refused: 0},
		"there are at most 100 pods":             {path: "spec.quota.pods", breaks: "maximum", fits: 100, refused: 101},
		"a setup has at most 50 objects":         {path: "spec.setup", breaks: "maxItems", fits: many(50, func(int) any { return object }), refused: many(51, func(int) any { return object })},
		"at most 8 checks tell that it is ready": {path: "spec.readyWhen", breaks: "maxItems", fits: many(8, check), refused: many(9, check)},
	}
	addLengths(bounds, map[string]int{
		"spec.title":              120,
		"spec.requires[0].remedy": 512,
	})
	addMaxLengths(bounds, map[string]int{
		"spec.description": 2048,
		"spec.incident":    400,
	})
	addCheckBounds(bounds, "spec.readyWhen[0]")
	return bounds
}

func paramBounds() map[string]bound {
	const (
		oneOf = "a param has exactly one of range and oneOf"
		order = "min is less than max"
		far   = "step is at most max - min: with a larger one everybody draws min"
		most  = 1_000_000_000
	)
	param := func(i int) any {
		return map[string]any{"name": fmt.Sprintf("param%d", i), "oneOf": []any{"a", "b"}}
	}
	line := func(i int) any { return fmt.Sprintf("text %d", i) }
	short := map[string]any{"spec.params[0].range.min": 2, "spec.params[0].range.max": 8}
	wide := map[string]any{"spec.params[0].range.min": -most, "spec.params[0].range.max": most}
	bounds := map[string]bound{
		"there are at most 8 params":        {path: "spec.params", breaks: "maxItems", fits: many(8, param), refused: many(9, param)},
		"names of params are unique":        {path: "spec.params", breaks: "unique", fits: many(2, param), refused: []any{param(1), param(1)}},
		"a param has a name":                {path: "spec.params[0].name", breaks: "required", fits: "percent", refused: absent{}},
		"a param's name is not empty":       {path: "spec.params[0].name", breaks: "minLength", fits: "p", refused: ""},
		"a param's name is bounded":         {path: "spec.params[0].name", breaks: "maxLength", fits: text(31), refused: text(32)},
		"a param's name is an identifier":   {path: "spec.params[0].name", breaks: "pattern", fits: "maxReplicas2", refused: "max-replicas"},
		"a param has a range or texts":      {path: "spec.params[0].range", at: "spec.params[]", breaks: oneOf, fits: map[string]any{"min": 1, "max": 2}, refused: absent{}},
		"a param has no range beside texts": {path: "spec.params[1].range", at: "spec.params[]", breaks: oneOf, fits: absent{}, refused: map[string]any{"min": 1, "max": 2}},
		"a param has no texts beside range": {path: "spec.params[0].oneOf", at: "spec.params[]", breaks: oneOf, fits: absent{}, refused: []any{"a", "b"}},
		"a param draws from 2 texts":        {path: "spec.params[1].oneOf", breaks: "minItems", fits: many(2, line), refused: many(1, line)},
		"a param draws from 32 texts":       {path: "spec.params[1].oneOf", breaks: "maxItems", fits: many(32, line), refused: many(33, line)},
		"texts of a param are unique":       {path: "spec.params[1].oneOf", breaks: "unique", fits: []any{"a", "b"}, refused: []any{"a", "b", "a"}},
		"a range has a min":                 {path: "spec.params[0].range.min", breaks: "required", fits: 0, refused: absent{}},
		"a range has a max":                 {path: "spec.params[0].range.max", breaks: "required", fits: 3, refused: absent{}},
		"a range has two ends":              {path: "spec.params[0].range.max", at: "spec.params[].range", breaks: order, fits: 3, refused: 2},
		"a range goes up":                   {path: "spec.params[0].range.min", at: "spec.params[].range", breaks: order, fits: 7, refused: 9},
		"min is not too small":              {path: "spec.params[0].range.min", given: wide, breaks: "minimum", fits: -most, refused: -most - 1},
		"min is not too large":              {path: "spec.params[0].range.min", given: wide, breaks: "maximum", fits: most - 1, refused: most + 1},
		"max is not too small":              {path: "spec.params[0].range.max", given: wide, breaks: "minimum", fits: 1 - most, refused: -most - 1},
		"max is not too large":              {path: "spec.params[0].range.max", given: wide, breaks: "maximum", fits: most, refused: most + 1},
		"a step stays in the range":         {path: "spec.params[0].range.step", at: "spec.params[].range", given: short, breaks: far, fits: 6, refused: 7},
		"a range has a step":                {path: "spec.params[0].range.step", breaks: "minimum", fits: 1, refused: 0},
		"a step is not too large":           {path: "spec.params[0].range.step", given: wide, breaks: "maximum", fits: most, refused: most + 1},
	}
	addLengths(bounds, map[string]int{"spec.params[1].oneOf[0]": 63})
	return bounds
}

func taskBounds() map[string]bound {
	const (
		itself     = "a task cannot depend on itself"
		unknown    = "dependsOn names a task that the exercise does not have"
		holdSize   = "holdFor is a duration up to 1h, as in 10s"
		hintSize   = "after is a duration up to 24h, as in 5m"
		outputName = "the names in outputs look like hpaUID; at and passed are taken"
		outputSize = "an expression in outputs has at most 512 characters"
	)
	hint := func(int) any { return map[string]any{"after": "5m", "text": "look there"} }
	name := func(i int) any { return fmt.Sprintf("task%d", i) }
	twelve := map[string]any{"spec.tasks": many(12, task)}
	long := map[string]any{"spec.tasks[0].name": text(31)}
	bounds := map[string]bound{
		"there is a task":                   {path: "spec.tasks", breaks: "minItems", fits: many(1, task), refused: many(0, task)},
		"there are at most 12 tasks":        {path: "spec.tasks", breaks: "maxItems", fits: many(12, task), refused: many(13, task)},
		"names of tasks are unique":         {path: "spec.tasks", breaks: "unique", fits: many(2, task), refused: []any{task(1), task(1)}},
		"a task has a name":                 {path: "spec.tasks[1].name", breaks: "required", fits: "autoscaler", refused: absent{}},
		"a task's name is not empty":        {path: "spec.tasks[1].name", breaks: "minLength", fits: "a", refused: ""},
		"a task's name is bounded":          {path: "spec.tasks[1].name", breaks: "maxLength", fits: text(31), refused: text(32)},
		"a task's name is an identifier":    {path: "spec.tasks[1].name", breaks: "pattern", fits: "scaleOut", refused: "scale-out"},
		"a task has a title":                {path: "spec.tasks[0].title", breaks: "required", fits: "Scale", refused: absent{}},
		"a task has instructions":           {path: "spec.tasks[0].instructions", breaks: "required", fits: "Scale", refused: absent{}},
		"a task is worth a point":           {path: "spec.tasks[0].points", breaks: "minimum", fits: 1, refused: 0},
		"a task is worth at most 100":       {path: "spec.tasks[0].points", breaks: "maximum", fits: 100, refused: 101},
		"a mode is one of two":              {path: "spec.tasks[0].mode", breaks: "enum", fits: "Continuous", refused: "Twice"},
		"a task depends on at most 11":      {path: "spec.tasks[11].dependsOn", given: twelve, breaks: "maxItems", fits: many(11, name), refused: many(12, name)},
		"a task depends on others once":     {path: "spec.tasks[1].dependsOn", breaks: "unique", fits: []any{"requests"}, refused: []any{"requests", "requests"}},
		"a task depends on a bounded name":  {path: "spec.tasks[1].dependsOn[0]", given: long, breaks: "maxLength", fits: text(31), refused: text(32)},
		"a task does not depend on itself":  {path: "spec.tasks[1].dependsOn[0]", at: "spec.tasks[]", breaks: itself, fits: "requests", refused: "autoscaler"},
		"a task depends on one that exists": {path: "spec.tasks[1].dependsOn[0]", at: "spec", breaks: unknown, fits: "requests", refused: "request"},
		"holdFor is short as a text":        {path: "spec.tasks[0].holdFor", breaks: "maxLength", fits: "00000000000010s", refused: "000000000000000010s"},
		"holdFor is not negative":           {path: "spec.tasks[0].holdFor", breaks: holdSize, fits: "0s", refused: "-1s"},
		"holdFor is at most an hour":        {path: "spec.tasks[0].holdFor", breaks: holdSize, fits: "1h", refused: "3601s"},
		"a task has at most 8 outputs":      {path: "spec.tasks[0].outputs", breaks: "maxProperties", fits: entries(8, "1"), refused: entries(9, "1")},
		"an output's name is an identifier": {path: "spec.tasks[0].outputs", breaks: outputName, fits: map[string]any{"hpaUID": "1"}, refused: map[string]any{"hpa-uid": "1"}},
		"an output's name is bounded":       {path: "spec.tasks[0].outputs", breaks: outputName, fits: map[string]any{text(31): "1"}, refused: map[string]any{text(32): "1"}},
		"no output is named at":             {path: "spec.tasks[0].outputs", breaks: outputName, fits: map[string]any{"atNoon": "1"}, refused: map[string]any{"at": "1"}},
		"no output is named passed":         {path: "spec.tasks[0].outputs", breaks: outputName, fits: map[string]any{"passedBy": "1"}, refused: map[string]any{"passed": "1"}},
		"an output's expression is bounded": {path: "spec.tasks[0].outputs.webUID", at: "spec.tasks[].outputs", breaks: outputSize, fits: text(512), refused: text(513)},
		"a task has checks":                 {path: "spec.tasks[0].checks", breaks: "required", fits: many(1, check), refused: absent{}},
		"a task has a check":                {path: "spec.tasks[0].checks", breaks: "minItems", fits: many(1, check), refused: many(0, check)},
		"a task has at most 16 checks":      {path: "spec.tasks[0].checks", breaks: "maxItems", fits: many(16, check), refused: many(17, check)},
		"a task has at most 5 hints":        {path: "spec.tasks[0].hints", breaks: "maxItems", fits: many(5, hint), refused: many(6, hint)},
		"a hint has a time":                 {path: "spec.tasks[0].hints[0].after", breaks: "required", fits: "5m", refused: absent{}},
		"a hint's time is short as a text":  {path: "spec.tasks[0].hints[0].after", breaks: "maxLength", fits: "0000000000005m", refused: "00000000000000005m"},
		"a hint's time is not negative":     {path: "spec.tasks[0].hints[0].after", breaks: hintSize, fits: "0s", refused: "-1s"},
		"a hint's time is at most a day":    {path: "spec.tasks[0].hints[0].after", breaks: hintSize, fits: "24h", refused: "24h1s"},
		"a hint has a text":                 {path: "spec.tasks[0].hints[0].text", breaks: "required", fits: "look there", refused: absent{}},
	}
	addLengths(bounds, map[string]int{
		"spec.tasks[0].title":         200,
		"spec.tasks[0].instructions":  4096,
		"spec.tasks[0].hints[0].text": 512,
	})
	addCheckBounds(bounds, "spec.tasks[0].checks[0]")
	return bounds
}

func task(i int) any {
	return map[string]any{
		"name": fmt.Sprintf("task%d", i), "title": "Scale", "instructions": "Scale.", "checks": many(1, check),
	}
}

func check(int) any {
	return map[string]any{"expression": "size(pods) > 0", "expected": "a pod runs"}
}

func addCheckBounds(bounds map[string]bound, path string) {
	for _, field := range []string{"expression", "expected"} {
		bounds[path+" has "+field] = bound{path: path + "." + field, breaks: "required", fits: "true", refused: absent{}}
	}
	addLengths(bounds, map[string]int{
		path + ".expression": 2048,
		path + ".expected":   400,
		path + ".observed":   2048,
	})
}
