// Package guardrail makes the objects that fence a lab: its namespace, quota, limits, network policy and bindings.
// It does no I/O.
package guardrail

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

const (
	// prefix is what the namespaces of all labs begin with.
	prefix = "lab-"
	// plainNamespace is the one whose Labs get a namespace without a hash: learners type it all day.
	plainNamespace = "default"
	// hashLength is the number of hexadecimal digits of a hash in a name.
	hashLength = 8
	// maxNamespace is the length of the longest name that a namespace can have.
	maxNamespace = 63
	// maxLabName leaves room for the prefix, a dash and the hash.
	maxLabName = maxNamespace - len(prefix) - 1 - hashLength
)

// NamespaceName is the name of a lab's own namespace: lab-<name> for a Lab in default, and elsewhere
// lab-<name>-<8 hex digits>. It has at most 63 characters. The Lab's name must be a DNS label, as the API demands.
//
// A name in default that looks as if it ended in a hash gets one too, so that no Lab in default meets one from
// elsewhere. Labs of one name in two namespaces can only meet where their hashes are equal: the namespace then carries
// the other Lab's UID.
func NamespaceName(labNamespace, labName string) string {
	if labNamespace == plainNamespace && len(labName) <= maxLabName && !endsInHash(labName) {
		return prefix + labName
	}
	sum := sha256.Sum256([]byte(labNamespace + "/" + labName))
	return prefix + labName[:min(len(labName), maxLabName)] + "-" + hex.EncodeToString(sum[:])[:hashLength]
}

// endsInHash tells whether a name with only the prefix could be read as one with a hash.
func endsInHash(labName string) bool {
	start := len(labName) - hashLength
	if start < 0 || start > 0 && labName[start-1] != '-' {
		return false
	}
	return strings.Trim(labName[start:], "0123456789abcdef") == ""
}
