package quiz

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/lab-operator/lab-operator/api/v1beta1"
)

func TestText(t *testing.T) {
	const expects = "answer in a few words, with at most 256 characters and no pictures"
	right := Grade{State: v1beta1.QuestionRight, AttemptsLeft: 3}
	open := Grade{State: v1beta1.QuestionOpen, AttemptsLeft: 3, Feedback: expects}
	wrong := func(tried ...string) Grade {
		return Grade{State: v1beta1.QuestionWrong, AttemptsLeft: 3 - int32(len(tried)), Tried: tried, Feedback: "look again"}
	}
	tests := map[string]struct {
		answers []*intstr.IntOrString
		want    Grade
	}{
		"no answer yet":                        {[]*intstr.IntOrString{nil}, Grade{State: v1beta1.QuestionOpen, AttemptsLeft: 3}},
		"an accepted form":                     {[]*intstr.IntOrString{textAnswer("kubelet")}, right},
		"another accepted form":                {[]*intstr.IntOrString{textAnswer("the kubelet")}, right},
		"in another case":                      {[]*intstr.IntOrString{textAnswer("KUBELET")}, right},
		"with needless space":                  {[]*intstr.IntOrString{textAnswer("\tthe   kubelet\n")}, right},
		"with punctuation around it":           {[]*intstr.IntOrString{textAnswer("“The kubelet!”")}, right},
		"in a bracket and quotes":              {[]*intstr.IntOrString{textAnswer("(`kubelet`).")}, right},
		"with invisible characters":            {[]*intstr.IntOrString{textAnswer("kube\u200blet\x00")}, right},
		"with other words around it":           {[]*intstr.IntOrString{textAnswer("the kubelet of the node")}, wrong("the kubelet of the node")},
		"with punctuation within":              {[]*intstr.IntOrString{textAnswer("the, kubelet")}, wrong("the, kubelet")},
		"in the plural":                        {[]*intstr.IntOrString{textAnswer("Kubelets")}, right},
		"with a hyphen between words":          {[]*intstr.IntOrString{textAnswer("the-kubelet")}, right},
		"with a hyphen of a word processor":    {[]*intstr.IntOrString{textAnswer("the\u2011kubelet")}, right},
		"a hyphen that begins an option stays": {[]*intstr.IntOrString{textAnswer("-f"), textAnswer("f")}, wrong("-f", "f")},
		"one wrong text, with hyphen and plural, costs one attempt": {
			[]*intstr.IntOrString{textAnswer("kube-proxy"), textAnswer("kube proxies"), textAnswer("kube–proxy")}, wrong("kube proxy"),
		},
		"a name that ends in s stays one":                {[]*intstr.IntOrString{textAnswer("redis"), textAnswer("class")}, wrong("redis", "class")},
		"marks of a script that runs from right to left": {[]*intstr.IntOrString{textAnswer("\u200fkubelet\u200e")}, right},
		"an emoji is free":                               {[]*intstr.IntOrString{textAnswer("\U0001F680"), textAnswer("the kubelet \U0001F44D\U0001F3FD"), textAnswer("1\uFE0F\u20E3")}, open},
		"text that reads in another order is free":       {[]*intstr.IntOrString{textAnswer("\u202etelebuk"), textAnswer("\u2067kubelet\u2069")}, open},
		"malformed after wrong is wrong still": {
			[]*intstr.IntOrString{textAnswer("kube-proxy"), textAnswer("\U0001F680")},
			Grade{State: v1beta1.QuestionWrong, AttemptsLeft: 2, Tried: []string{"kube proxy"}, Feedback: expects},
		},
		"wrong":                          {[]*intstr.IntOrString{textAnswer("Kube-Proxy")}, wrong("kube proxy")},
		"a number may be wrong as well":  {[]*intstr.IntOrString{integer(3)}, wrong("3")},
		"signs that mean something stay": {[]*intstr.IntOrString{textAnswer("/healthz"), textAnswer("healthz")}, wrong("/healthz", "healthz")},
		"the same wrong text costs one attempt": {
			[]*intstr.IntOrString{textAnswer("kube-proxy"), textAnswer(" Kube-Proxy."), textAnswer("'KUBE-PROXY'")}, wrong("kube proxy"),
		},
		"right after wrong": {
			[]*intstr.IntOrString{textAnswer("kube-proxy"), textAnswer("kubelet")},
			Grade{State: v1beta1.QuestionRight, AttemptsLeft: 2, Tried: []string{"kube proxy"}},
		},
		"every attempt used": {
			[]*intstr.IntOrString{textAnswer("a"), textAnswer("b"), textAnswer("c")},
			Grade{State: v1beta1.QuestionExhausted, Tried: []string{"a", "b", "c"}},
		},
		"nothing at all":          {[]*intstr.IntOrString{textAnswer(" ")}, open},
		"punctuation alone":       {[]*intstr.IntOrString{textAnswer("...")}, open},
		"as long as it can be":    {[]*intstr.IntOrString{textAnswer(strings.Repeat("x", 256))}, wrong(strings.Repeat("x", 256))},
		"too long":                {[]*intstr.IntOrString{textAnswer(strings.Repeat("x", 257))}, open},
		"malformed ones are free": {[]*intstr.IntOrString{textAnswer("?"), textAnswer("!"), textAnswer("()"), textAnswer("''")}, open},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, give(textInput(), tc.answers...)); diff != "" {
				t.Errorf("grade (-want +got):\n%s", diff)
			}
		})
	}
}
