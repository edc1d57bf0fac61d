package adapters

import (
	"strconv"
	"strings"

	"github.com/lab-operator/lab-operator/internal/evidence/probe"
	"github.com/lab-operator/lab-operator/internal/text"
)

// redisValue makes a plain value of the reply to a command.
func redisValue(about string, command []string, reply any) (any, error) {
	name := redisName(command)
	switch name {
	case "INFO", "CLUSTER INFO":
		if info, ok := reply.(string); ok {
			return redisInfo(info), nil
		}
	case "HGETALL", "CONFIG GET":
		if flat, ok := reply.([]any); ok {
			return redisPairs(about, name, flat)
		}
	}
	return redisPlain(about, name, reply)
}

func redisPlain(about, name string, reply any) (any, error) {
	switch v := reply.(type) {
	case nil, int64:
		return v, nil
	case string:
		return text.Valid(v), nil
	case error:
		return text.Valid(v.Error()), nil
	case []any:
		if len(v) > maxItems {
			return nil, tooManyItems(about, name)
		}
		list := make([]any, len(v))
		for i := range v {
			item, err := redisPlain(about, name, v[i])
			if err != nil {
				return nil, err
			}
			list[i] = item
		}
		return list, nil
	}
	return nil, probe.Failf(probe.Malformed, "%s answers %s with a %T", about, name, reply)
}

// redisPairs makes a map of a list in which names and values take turns.
func redisPairs(about, name string, flat []any) (any, error) {
	if len(flat) > 2*maxItems {
		return nil, tooManyItems(about, name)
	}
	pairs := make(map[string]any, len(flat)/2)
	for i := 0; i+1 < len(flat); i += 2 {
		key, ok := flat[i].(string)
		if !ok {
			return nil, probe.Failf(probe.Malformed, "%s answers %s with a name that is no text", about, name)
		}
		value, err := redisPlain(about, name, flat[i+1])
		if err != nil {
			return nil, err
		}
		pairs[text.Valid(key)] = value
	}
	return pairs, nil
}

func tooManyItems(about, name string) error {
	return probe.Failf(probe.TooLarge, "%s answers %s with more than %d items", about, name, maxItems)
}

// redisInfo makes a map of lines as in "connected_slaves:2".
func redisInfo(info string) map[string]any {
	values := map[string]any{}
	for line := range strings.Lines(text.Valid(info)) {
		if key, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ":"); ok && !strings.HasPrefix(key, "#") {
			values[key] = redisInfoValue(value)
		}
	}
	return values
}

// redisInfoValue is a whole number, a map as of "keys=5,expires=0", or a text.
func redisInfoValue(value string) any {
	if !strings.Contains(value, "=") {
		return redisNumber(value)
	}
	fields := map[string]any{}
	for field := range strings.SplitSeq(value, ",") {
		key, inner, ok := strings.Cut(field, "=")
		if !ok {
			return value
		}
		fields[key] = redisNumber(inner)
	}
	return fields
}

// redisNumber is the whole number that a text is, or the text. What would be written in another way, as 007, stays a
// text.
func redisNumber(value string) any {
	if number, err := strconv.ParseInt(value, 10, 64); err == nil && strconv.FormatInt(number, 10) == value {
		return number
	}
	return value
}
