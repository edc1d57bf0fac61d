package library

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
)

// Book is made up from a seed: the same words in the same order for everybody who has the same seed.
type Book struct {
	pages []string
	// counts is how often each word is in the book. A word is a run of letters, however they are written.
	counts map[string]int
}

const (
	// linesOnAPage and wordsInALine bound a page to some 10 KiB.
	linesOnAPage = 150
	wordsInALine = 9
)

var (
	word       = regexp.MustCompile(`[A-Za-z]+`)
	vocabulary = strings.Fields(`the a of and to in over under river stone bridge tower harbor island lantern engine letter garden winter
		market signal voyage anchor meadow copper silver mirror shadow window forest station captain keeper morning thunder`)
	// separators come between two words.
	separators = []string{" ", " ", " ", " ", " ", ", ", "; ", ": ", "-"}
)

// NewBook writes a book.
func NewBook(seed uint64, pages int) *Book {
	b := &Book{counts: map[string]int{}}
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // nobody is kept from guessing it
	for range pages {
		var page strings.Builder
		for range linesOnAPage {
			for i := range wordsInALine {
				// The smaller of two draws: some words are far more frequent than others, as in any language.
				text := vocabulary[min(random.IntN(len(vocabulary)), random.IntN(len(vocabulary)))]
				if i == 0 || random.IntN(8) == 0 {
					text = strings.ToUpper(text[:1]) + text[1:]
				}
				page.WriteString(text)
				if i < wordsInALine-1 {
					page.WriteString(separators[random.IntN(len(separators))])
				}
			}
			page.WriteString(".\n")
		}
		b.pages = append(b.pages, page.String())
		for _, found := range word.FindAllString(page.String(), -1) {
			b.counts[strings.ToLower(found)]++
		}
	}
	return b
}

// Verdict is how a count of words compares with the book.
type Verdict struct {
	// Right words were counted as often as they are there, Wrong ones more or less often, Missing ones not at all.
	Right   int `json:"right"`
	Wrong   int `json:"wrong"`
	Missing int `json:"missing"`
	// Unknown words are not in the book. UnknownWord is one of them.
	Unknown     int    `json:"unknown"`
	UnknownWord string `json:"unknownWord,omitempty"`
}

// Check holds a count against the book. How often a word is there is not told.
func (b *Book) Check(counted map[string]int) Verdict {
	var v Verdict
	for text, count := range b.counts {
		switch got, some := counted[text]; {
		case !some:
			v.Missing++
		case got == count:
			v.Right++
		default:
			v.Wrong++
		}
	}
	for text := range counted {
		if _, known := b.counts[text]; !known {
			v.Unknown++
			if v.UnknownWord == "" || text < v.UnknownWord {
				v.UnknownWord = text
			}
		}
	}
	return v
}

// Page returns a page, numbered from one.
func (b *Book) Page(number int) (string, error) {
	if number < 1 || number > len(b.pages) {
		return "", fmt.Errorf("there is no page %d: the book has %d", number, len(b.pages))
	}
	return b.pages[number-1], nil
}
