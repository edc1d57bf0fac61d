package main

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"strings"

	"github.com/yuin/goldmark"

	"github.com/lab-operator/lab-operator/internal/quiz"
)

//go:embed pages
var pages embed.FS

// Render makes the files of the site, by their names.
func Render(book *Book) (map[string][]byte, error) {
	style, err := pages.ReadFile("pages/style.css")
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{"style.css": style}
	templates, err := template.New("").Funcs(template.FuncMap{"markdown": markdown, "params": params, "answer": answer}).
		ParseFS(pages, "pages/*.html")
	if err != nil {
		return nil, err
	}
	write := func(file, page string, data any) error {
		var out bytes.Buffer
		if err := templates.ExecuteTemplate(&out, page, data); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		files[file] = out.Bytes()
		return nil
	}
	if err := write("index.html", "index.html", book); err != nil {
		return nil, err
	}
	titles := map[string]string{}
	for _, topic := range book.Topics {
		titles[topic.Name] = topic.Title
		if err := write(topic.Name+".html", "topic.html", topic); err != nil {
			return nil, err
		}
	}
	for _, exercise := range book.Exercises {
		data := struct {
			Exercise
			TopicTitle string
		}{exercise, titles[exercise.Topic]}
		if err := write("exercise-"+exercise.Name+".html", "exercise.html", data); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// markdown renders what authors wrote. Raw HTML in it is left out.
func markdown(source string) (template.HTML, error) {
	var out bytes.Buffer
	if err := goldmark.Convert([]byte(params(source)), &out); err != nil {
		return "", err
	}
	return template.HTML(out.String()), nil //nolint:gosec // goldmark leaves raw HTML out
}

// params shows a parameter as what it is: something that is drawn for each learner.
func params(source string) string {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(source, "$(params.")
		name, rest, ends := strings.Cut(after, ")")
		if !found || !ends {
			out.WriteString(source)
			return out.String()
		}
		out.WriteString(before + "‹" + name + "›")
		source = rest
	}
}

// answer is the right answer in a sentence.
func answer(q Question) string {
	if q.Answer.Live != nil {
		return "It is computed from each learner's own lab."
	}
	if said := quiz.Wording(q.Question, q.Answer); said != "" {
		if tolerance := quiz.Tolerance(q.Answer); tolerance != "" {
			said += ", give or take " + tolerance
		}
		return said
	}
	var letters []string
	for _, o := range q.Shown {
		if o.Right {
			letters = append(letters, o.Letter)
		}
	}
	return strings.Join(letters, ", ")
}
