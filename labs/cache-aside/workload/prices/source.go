package prices

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"
)

// Source is where prices come from: slow, always right, and the same in every process that has the same seed.
type Source struct {
	// Seed decides about all prices, Products is how many there are, numbered from one.
	Seed     int64
	Products int
	// Every is how long a price holds; products change one after the other and not all at once.
	Every time.Duration
	// Slow is what a lookup takes.
	Slow time.Duration
}

// Price is a price and the time since which it holds.
type Price struct {
	Product int       `json:"product"`
	Cents   int64     `json:"cents"`
	Since   time.Time `json:"since"`
}

func (s *Source) validate() error {
	switch {
	case s.Products < 1 || s.Products > 1000:
		return fmt.Errorf("products is %d: it must be from 1 to 1000", s.Products)
	case s.Every < time.Second:
		return fmt.Errorf("price-every is %v: it must be at least 1s", s.Every)
	case s.Slow < 0 || s.Slow > 5*time.Second:
		return fmt.Errorf("slow is %v: it must be from 0s to 5s", s.Slow)
	}
	return nil
}

// At is the price of a product at a time. It takes no time: for those who know the source, as customers here do.
func (s *Source) At(product int, at time.Time) Price {
	shift := time.Duration(int64(s.Every) / int64(s.Products) * int64(product-1))
	era := at.Add(-shift).UnixNano() / int64(s.Every)
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(strconv.FormatInt(s.Seed, 10) + "/" + strconv.Itoa(product) + "/" + strconv.FormatInt(era, 10)))
	// The era is part of the price, so that two that follow each other differ.
	cents := 1000 + int64(hash.Sum64()%5000)*2 + era%2
	return Price{product, cents, time.Unix(0, era*int64(s.Every)).Add(shift).UTC()}
}

// Look finds a price the slow way: it sleeps, and burns nothing.
func (s *Source) Look(ctx context.Context, product int) (Price, error) {
	timer := time.NewTimer(s.Slow)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return Price{}, ctx.Err()
	case <-timer.C:
		return s.At(product, time.Now()), nil
	}
}
