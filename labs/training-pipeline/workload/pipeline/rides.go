package pipeline

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"strconv"
)

// ride is one row of a batch.
type ride struct {
	kilometers, minutes float64
	fare                float64 // in euros
}

// The bounds of what a ride looks like: kilometers, minutes and euros.
const (
	maxKilometers = 60
	maxMinutes    = 180
	maxFare       = 300
)

// isPlausible tells whether a ride is within the bounds.
func (r ride) isPlausible() bool {
	return r.kilometers > 0 && r.kilometers <= maxKilometers && r.minutes > 0 && r.minutes <= maxMinutes && r.fare > 0 && r.fare <= maxFare
}

const (
	rowsOfBatch = 2000
	// dirtOfAny is the share of rows that are wrong in every batch: sensors fail, and that is no reason to stop.
	dirtOfAny = 0.01
)

// drawn are the rides of a batch: the same for the same seed and number. In every second batch a part of the fares is in
// cents. Batch 0 has none that are wrong: it is what models are judged by.
func drawn(seed string, number int) []ride {
	hash := fnv.New64a()
	hash.Write([]byte(seed)) // a hash takes everything
	random := rand.New(rand.NewPCG(hash.Sum64(), uint64(number)))
	poison := 0.0
	if number > 0 && number%2 == 0 {
		poison = 0.2 + 0.2*random.Float64()
	}
	rides := make([]ride, rowsOfBatch)
	for i := range rides {
		r := ride{kilometers: 0.5 + 20*random.Float64()}
		r.minutes = 2 + 2*r.kilometers + 10*random.Float64()
		r.fare = 3 + 1.2*r.kilometers + 0.3*r.minutes + random.NormFloat64()/4
		switch luck := random.Float64(); {
		case number == 0:
		case luck < dirtOfAny:
			r.kilometers = -1
		case luck < dirtOfAny+poison:
			r.fare *= 100
		}
		rides[i] = r
	}
	return rides
}

// implausible counts the rides that are outside of the bounds.
func implausible(rides []ride) int {
	bad := 0
	for _, r := range rides {
		if !r.isPlausible() {
			bad++
		}
	}
	return bad
}

// encoded are rides as CSV with a header.
func encoded(rides []ride) []byte {
	var b bytes.Buffer
	b.WriteString("kilometers,minutes,fare\n")
	for _, r := range rides {
		fmt.Fprintf(&b, "%.3f,%.3f,%.2f\n", r.kilometers, r.minutes, r.fare)
	}
	return b.Bytes()
}

// decoded are the rides of a CSV with a header. An error says which line is not one.
func decoded(data []byte) ([]ride, error) {
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil {
		return nil, fmt.Errorf("read rides: %w", err)
	}
	if len(rows) < 2 {
		return nil, errors.New("there are no rides in it")
	}
	rides := make([]ride, 0, len(rows)-1)
	for i, row := range rows[1:] {
		if len(row) != 3 {
			return nil, fmt.Errorf("line %d has %d columns, not kilometers, minutes and fare", i+2, len(row))
		}
		var values [3]float64
		for j, text := range row {
			if values[j], err = strconv.ParseFloat(text, 64); err != nil {
				return nil, fmt.Errorf("line %d: %q is no number", i+2, text)
			}
		}
		rides = append(rides, ride{values[0], values[1], values[2]})
	}
	return rides, nil
}

// checksum names data.
func checksum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}

// Model says what a ride costs, in euros.
type Model struct {
	Intercept    float64 `json:"intercept"`
	PerKilometer float64 `json:"perKilometer"`
	PerMinute    float64 `json:"perMinute"`
}

// fitted is the model with the least squares over rides.
func fitted(rides []ride) (Model, error) {
	n := float64(len(rides))
	var k, m, f ride // sums of one column, in its place
	for _, r := range rides {
		k.kilometers += r.kilometers / n
		m.minutes += r.minutes / n
		f.fare += r.fare / n
	}
	var kk, mm, km, kf, mf float64
	for _, r := range rides {
		dk, dm, df := r.kilometers-k.kilometers, r.minutes-m.minutes, r.fare-f.fare
		kk, mm, km, kf, mf = kk+dk*dk, mm+dm*dm, km+dk*dm, kf+dk*df, mf+dm*df
	}
	determinant := kk*mm - km*km
	if determinant == 0 {
		return Model{}, errors.New("these rides are too much alike to fit a model")
	}
	model := Model{PerKilometer: (kf*mm - mf*km) / determinant, PerMinute: (mf*kk - kf*km) / determinant}
	model.Intercept = f.fare - model.PerKilometer*k.kilometers - model.PerMinute*m.minutes
	return model, nil
}

// errorOn is the root of the mean squared error of the model on rides, in euros.
func (m Model) errorOn(rides []ride) float64 {
	sum := 0.0
	for _, r := range rides {
		off := m.Intercept + m.PerKilometer*r.kilometers + m.PerMinute*r.minutes - r.fare
		sum += off * off
	}
	return math.Sqrt(sum / float64(len(rides)))
}

// differs tells whether a coefficient of two models is not the same.
func (m Model) differs(other Model) bool {
	return math.Abs(m.Intercept-other.Intercept) > maxDifference || math.Abs(m.PerKilometer-other.PerKilometer) > maxDifference ||
		math.Abs(m.PerMinute-other.PerMinute) > maxDifference
}
