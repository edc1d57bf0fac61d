package images

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"
)

// elfFor is the head of a program for a machine.
func elfFor(t *testing.T, machine elf.Machine) []byte {
	t.Helper()
	header := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(machine), Version: uint32(elf.EV_CURRENT), Ehsize: 64, Phentsize: 56, Shentsize: 64}
	copy(header.Ident[:], "\x7fELF\x02\x01\x01")
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, header); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCheckProgram(t *testing.T) {
	for name, tc := range map[string]struct {
		architecture string
		content      []byte
		want         string
	}{
		"for amd64":                 {"amd64", elfFor(t, elf.EM_X86_64), ""},
		"for arm64":                 {"arm64", elfFor(t, elf.EM_AARCH64), ""},
		"missing":                   {"arm64", nil, "bin/linux-arm64/manager is missing: run make image-programs etcd"},
		"of another architecture":   {"arm64", elfFor(t, elf.EM_X86_64), "bin/linux-arm64/manager is a Linux program for EM_X86_64, and docker needs a Linux program for EM_AARCH64 (arm64): run make image-programs etcd"},
		"of a Mac":                  {"arm64", []byte("\xcf\xfa\xed\xfe\x0c\x00\x00\x01"), "bin/linux-arm64/manager is a program for macOS, and docker needs a Linux program for EM_AARCH64 (arm64): run make image-programs etcd"},
		"of a Mac of any kind":      {"amd64", []byte("\xca\xfe\xba\xbe\x00\x00\x00\x02"), "bin/linux-amd64/manager is a program for macOS, and docker needs a Linux program for EM_X86_64 (amd64): run make image-programs etcd"},
		"of Windows":                {"amd64", []byte("MZ\x90\x00"), "bin/linux-amd64/manager is a program for Windows, and docker needs a Linux program for EM_X86_64 (amd64): run make image-programs etcd"},
		"a script":                  {"amd64", []byte("#!/bin/sh\n"), "bin/linux-amd64/manager is a script, and docker needs a Linux program for EM_X86_64 (amd64): run make image-programs etcd"},
		"empty":                     {"amd64", []byte{}, "bin/linux-amd64/manager is no program, and docker needs a Linux program for EM_X86_64 (amd64): run make image-programs etcd"},
		"cut off":                   {"amd64", []byte("\x7fELF\x02"), "bin/linux-amd64/manager is no program, and docker needs a Linux program for EM_X86_64 (amd64): run make image-programs etcd"},
		"docker of an unknown kind": {"mips", elfFor(t, elf.EM_MIPS), "docker runs on mips, for which there are no images of this project"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "manager")
			if tc.content != nil {
				if err := os.WriteFile(path, tc.content, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			got := ""
			if err := checkProgram(path, tc.architecture); err != nil {
				got = err.Error()
			}
			if got != tc.want {
				t.Errorf("got  %q\nwant %q", got, tc.want)
			}
		})
	}
}
