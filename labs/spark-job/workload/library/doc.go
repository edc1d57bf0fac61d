// Package library is a service that lends the pages of a book to those who count its words, and checks what they counted. It
// notes who read which page and who brought which part of the result, so that it can tell how the work was shared.
package library
