package prices

import (
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
)

func TestPricesChangeAndAreTheSameForAll(t *testing.T) {
	source := &Source{Seed: 7, Products: 4, Every: 20 * time.Second}
	now := time.Unix(1000, 0)
	for product := 1; product <= 4; product++ {
		price := source.At(product, now)
		if now.Before(price.Since) || !now.Before(price.Since.Add(source.Every)) {
			t.Errorf("product %d: since %v at %v", product, price.Since, now)
		}
		if next := source.At(product, price.Since.Add(source.Every)); next.Cents == price.Cents {
			t.Errorf("product %d: %d and then again", product, price.Cents)
		}
	}
}

func TestLookIsSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := &Source{Products: 1, Every: time.Minute, Slow: 150 * time.Millisecond}
		began := time.Now()
		if _, err := source.Look(t.Context(), 1); err != nil || time.Since(began) != source.Slow {
			t.Errorf("%v after %v", err, time.Since(began))
		}
	})
}

func TestCacheAside(t *testing.T) {
	store := miniredis.RunT(t)
	client := newClient(store.Addr(), time.Second)
	defer func() { _ = client.Close() }()
	server := &Server{Source: &Source{Products: 2, Every: time.Hour}, Cache: client, TTL: time.Minute, OnFailure: FromSource}
	handler := server.Handler()
	ask := func(want int, from string) {
		t.Helper()
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, httptest.NewRequest("GET", "/products/1", nil))
		if recorder.Code != want || recorder.Header().Get("Found-In") != from {
			t.Errorf("%d from %q, want %d from %q", recorder.Code, recorder.Header().Get("Found-In"), want, from)
		}
	}
	ask(200, "source")
	ask(200, "cache")
	store.FastForward(time.Minute)
	ask(200, "source")
	store.Close()
	ask(200, "source")
	server.OnFailure = Refuse
	ask(503, "")
}
