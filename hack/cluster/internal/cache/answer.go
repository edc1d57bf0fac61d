package cache

import (
	"encoding/json"
	"os"
	"time"
)

// answer is what was found out by trying, and when.
type answer struct {
	Value string    `json:"value"`
	Found time.Time `json:"found"`
}

// Remember returns what find has found out within the time given, so that a slow
// try (a registry that never answers) is not repeated by each command.
func (c Cache) Remember(name string, during time.Duration, find func() (string, error)) (string, error) {
	path := c.Path(name + ".json")
	if content, err := os.ReadFile(path); err == nil {
		var known answer
		if json.Unmarshal(content, &known) == nil && fresh(known, time.Now(), during) {
			return known.Value, nil
		}
	}
	value, err := find()
	if err != nil {
		return "", err
	}
	content, err := json.Marshal(answer{Value: value, Found: time.Now()})
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(path+".new", content, 0o644); err != nil {
		return "", err
	}
	return value, os.Rename(path+".new", path)
}

// fresh also refuses an answer from the future: a clock was set back.
func fresh(known answer, now time.Time, during time.Duration) bool {
	age := now.Sub(known.Found)
	return age >= 0 && age < during
}
