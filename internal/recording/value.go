package recording

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// timeKey is the only key of what stands for a time: adapters tell times from texts.
const timeKey = "$time"

// marshal writes a value of evidence. Floating-point numbers keep a point or an exponent, by which unmarshal knows them, and
// times a key of their own: expressions tell 2 from 2.0, and a time from a text.
func marshal(value any) (json.RawMessage, error) {
	var out bytes.Buffer
	to := json.NewEncoder(&out)
	to.SetEscapeHTML(false)
	if err := to.Encode(pointed(value)); err != nil {
		return nil, fmt.Errorf("write a value: %w", err)
	}
	return bytes.TrimSpace(out.Bytes()), nil
}

func pointed(value any) any {
	switch v := value.(type) {
	case map[string]any:
		with := make(map[string]any, len(v))
		for key, below := range v {
			with[key] = pointed(below)
		}
		return with
	case []any:
		with := make([]any, len(v))
		for i, below := range v {
			with[i] = pointed(below)
		}
		return with
	case time.Time:
		return map[string]any{timeKey: v.UTC().Format(time.RFC3339Nano)}
	case float64:
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".eIN") {
			text += ".0"
		}
		return json.Number(text)
	default:
		return value
	}
}

// unmarshal reads what marshal wrote: whole numbers as int64, the others as float64, times as time.Time.
func unmarshal(data json.RawMessage) (any, error) {
	from := json.NewDecoder(bytes.NewReader(data))
	from.UseNumber()
	var value any
	if err := from.Decode(&value); err != nil {
		return nil, fmt.Errorf("read a value: %w", err)
	}
	return numbers(value)
}

func numbers(value any) (any, error) {
	var err error
	switch v := value.(type) {
	case map[string]any:
		if text, ok := v[timeKey].(string); ok && len(v) == 1 {
			return time.Parse(time.RFC3339Nano, text)
		}
		for key, below := range v {
			if v[key], err = numbers(below); err != nil {
				return nil, err
			}
		}
	case []any:
		for i, below := range v {
			if v[i], err = numbers(below); err != nil {
				return nil, err
			}
		}
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return v.Float64()
		}
		return v.Int64()
	}
	return value, nil
}
