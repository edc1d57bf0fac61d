package adapters

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// wordCount is how many words a command may have, its own included.
type wordCount struct{ least, most int }

// redisCommands are the commands that read, and do it at once. What walks through all keys is none of them, nor what
// waits.
var redisCommands = map[string]wordCount{
	"CLUSTER INFO":    {2, 2},
	"CLUSTER KEYSLOT": {3, 3},
	"CLUSTER NODES":   {2, 2},
	"CLUSTER SHARDS":  {2, 2},
	"CLUSTER SLOTS":   {2, 2},
	"CONFIG GET":      {3, 3},
	"DBSIZE":          {1, 1},
	"EXISTS":          {2, 17},
	"GET":             {2, 2},
	"HGET":            {3, 3},
	"HGETALL":         {2, 2},
	"HLEN":            {2, 2},
	"INFO":            {1, 2},
	"LLEN":            {2, 2},
	"LRANGE":          {4, 4},
	"MEMORY USAGE":    {3, 3},
	"MGET":            {2, 17},
	"OBJECT ENCODING": {3, 3},
	"OBJECT FREQ":     {3, 3},
	"OBJECT IDLETIME": {3, 3},
	"PING":            {1, 1},
	"PTTL":            {2, 2},
	"ROLE":            {1, 1},
	"SCARD":           {2, 2},
	"SISMEMBER":       {3, 3},
	"SMEMBERS":        {2, 2},
	"STRLEN":          {2, 2},
	"TTL":             {2, 2},
	"TYPE":            {2, 2},
	"XLEN":            {2, 2},
	"ZCARD":           {2, 2},
	"ZRANGE":          {4, 10},
	"ZSCORE":          {3, 3},
}

// redisSecrets are settings that CONFIG GET must not bring into evidence, where a check could show them.
var redisSecrets = []string{"masterauth", "requirepass", "tls-client-key-file-pass", "tls-key-file-pass"}

// redisName is the name of a command as it stands in the table: one word or two, in upper case.
func redisName(command []string) string {
	name := strings.ToUpper(command[0])
	if len(command) > 1 {
		if two := name + " " + strings.ToUpper(command[1]); redisCommands[two] != (wordCount{}) {
			return two
		}
	}
	return name
}

// CommandProblem tells an author what is wrong with a command of redis evidence. It is empty where nothing is.
func CommandProblem(command string) string {
	given := strings.Fields(command)
	if len(given) == 0 {
		return "the command has no words: write one that reads, as in GET greeting"
	}
	name := redisName(given)
	allowed, ok := redisCommands[name]
	switch {
	case !ok:
		return fmt.Sprintf("%s is none of the commands that may be sent: %s", name, strings.Join(slices.Sorted(maps.Keys(redisCommands)), ", "))
	case len(given) < allowed.least || len(given) > allowed.most:
		return fmt.Sprintf("%s has %d words: it takes %s", name, len(given), allowed)
	case name == "CONFIG GET" && (strings.ContainsAny(given[2], `*?[\`) || slices.Contains(redisSecrets, strings.ToLower(given[2]))):
		return "CONFIG GET names one setting, and none that holds a password"
	}
	return ""
}

// String implements fmt.Stringer.
func (w wordCount) String() string {
	if w.least == w.most {
		return fmt.Sprintf("%d", w.least)
	}
	return fmt.Sprintf("%d to %d", w.least, w.most)
}
