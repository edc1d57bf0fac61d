package book

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// site is the folder that `make book` writes to.
const site = "../../bin/book"

// open starts a browser of a size and serves the site.
func open(t *testing.T, width, height int) (context.Context, string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(site, "index.html")); err != nil {
		t.Fatalf("there is no book: run make book (%v)", err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(site)))
	t.Cleanup(server.Close)
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.WindowSize(width, height),
		chromedp.Flag("disable-dev-shm-usage", true))
	ctx, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, stop = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(stop)
	ctx, stop = chromedp.NewContext(ctx)
	t.Cleanup(stop)
	return ctx, server.URL
}

func do(ctx context.Context, t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}

// get is what an action finds.
func get[T any](ctx context.Context, t *testing.T, action chromedp.Action[T]) T {
	t.Helper()
	found, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// js is what an expression comes to on the page.
func js[T any](ctx context.Context, t *testing.T, expression string) T {
	t.Helper()
	return get(ctx, t, chromedp.Evaluate[T](expression))
}

// pages are all of the site.
func pages(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(site, "*.html"))
	if err != nil || len(files) < 20 {
		t.Fatalf("%d pages, %v", len(files), err)
	}
	for i, file := range files {
		files[i] = filepath.Base(file)
	}
	return files
}

// On a telephone nothing is to be pushed aside, and letters are to be read.
func TestPagesFitATelephone(t *testing.T) {
	ctx, url := open(t, 360, 740)
	do(ctx, t, chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile))
	for _, page := range pages(t) {
		do(ctx, t, chromedp.Navigate(url+"/"+page))
		width := js[float64](ctx, t, `document.scrollingElement.scrollWidth`)
		size := js[float64](ctx, t, `parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)`)
		if width > 360 || size < 14 || !js[bool](ctx, t, `document.querySelector('h1').checkVisibility()`) {
			t.Errorf("%s is %v pixels wide on 360, with letters of %v", page, width, size)
		}
	}
	do(ctx, t, chromedp.Navigate(url+"/"))
	shoot(ctx, t, "telephone")
}

func TestAnswersAreFoldedAndOpenByKeyboard(t *testing.T) {
	ctx, url := open(t, 1200, 900)
	do(ctx, t, chromedp.Navigate(url+"/system-design.html"))
	count := func(which string) int { return js[int](ctx, t, `document.querySelectorAll('`+which+`').length`) }
	shown := func(id string) bool {
		return js[bool](ctx, t, `document.querySelector('#`+id+` .right').checkVisibility()`)
	}
	if all, open := count("details"), count("details[open]"); all != 7 || open != 0 || shown("sd-07") {
		t.Fatalf("%d of %d answers are open, that of sd-07 is visible: %v", open, all, shown("sd-07"))
	}
	// By the tabulator alone, as somebody without a mouse.
	focused := ""
	for range 60 {
		do(ctx, t, chromedp.KeyEvent(kb.Tab))
		focused = js[string](ctx, t, `document.activeElement.closest('article')?.id + ' ' + document.activeElement.tagName`)
		if focused == "sd-02 SUMMARY" {
			break
		}
	}
	do(ctx, t, chromedp.KeyEvent(kb.Enter))
	if focused != "sd-02 SUMMARY" || count("details[open]") != 1 || !shown("sd-02") {
		t.Errorf("at %q: %d answers are open, that of sd-02 is visible: %v", focused, count("details[open]"), shown("sd-02"))
	}
	shoot(ctx, t, "topic")
	do(ctx, t, chromedp.KeyEvent(kb.Enter))
	if open := count("details[open]"); open != 0 {
		t.Errorf("%d answers are open after closing", open)
	}
}

// From the first page to a question, to the exercise that shows it, and to its task, by clicking.
func TestTheWayThroughTheBook(t *testing.T) {
	ctx, url := open(t, 1200, 900)
	do(ctx, t, chromedp.Navigate(url+"/"), chromedp.Click(chromedp.CSS(`th a[href="system-design.html"]`)),
		chromedp.WaitVisible(chromedp.CSS("#sd-07")), chromedp.Click(chromedp.CSS("#sd-07 .facts a")), chromedp.WaitVisible(chromedp.CSS("#fresh")))
	place, task := get(ctx, t, chromedp.Location()), get(ctx, t, chromedp.Text(chromedp.CSS("#fresh h3")))
	if !strings.HasSuffix(place, "/exercise-cache-aside.html#fresh") || !strings.Contains(task, "‹seconds›") {
		t.Errorf("%s, %q", place, task)
	}
	shoot(ctx, t, "exercise")
	do(ctx, t, chromedp.Click(chromedp.CSS("header a")), chromedp.WaitVisible(chromedp.CSS("table")))
	if place := get(ctx, t, chromedp.Location()); place != url+"/" {
		t.Errorf("the head leads to %s", place)
	}
	shoot(ctx, t, "index")
}

// shoot takes a picture for people, where BOOK_PICTURES names a folder for it.
func shoot(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	folder := os.Getenv("BOOK_PICTURES")
	if folder == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(folder, name+".png"), get(ctx, t, chromedp.CaptureScreenshot()), 0o600); err != nil {
		t.Fatal(err)
	}
}
