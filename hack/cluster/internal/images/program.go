package images

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// ProgramsDir is the folder of the programs of images, seen from the checkout. It is not that of the programs of the host,
// which may be a Mac.
func ProgramsDir(architecture string) string { return "bin/linux-" + architecture }

// machines are how ELF files tell the architectures that Go and docker name so.
var machines = map[string]elf.Machine{
	"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64, "arm": elf.EM_ARM, "386": elf.EM_386,
	"ppc64le": elf.EM_PPC64, "riscv64": elf.EM_RISCV, "s390x": elf.EM_S390,
}

// checkProgram returns an error if a file is no program that an image for an architecture can run.
func checkProgram(path, architecture string) error {
	want, known := machines[architecture]
	if !known {
		return fmt.Errorf("docker runs on %s, for which there are no images of this project", architecture)
	}
	name := filepath.Join(ProgramsDir(architecture), filepath.Base(path))
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is missing: run make image-programs etcd", name)
	}
	if err != nil {
		return err
	}
	defer file.Close()
	got, err := kindOf(file)
	if err != nil {
		return err
	}
	if wanted := "a Linux program for " + want.String(); got != wanted {
		return fmt.Errorf("%s is %s, and docker needs %s (%s): run make image-programs etcd", name, got, wanted, architecture)
	}
	return nil
}

// kindOf tells what a program runs on.
func kindOf(file io.ReaderAt) (string, error) {
	head := make([]byte, 4)
	if _, err := file.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	switch {
	case bytes.HasPrefix(head, []byte("MZ")):
		return "a program for Windows", nil
	case bytes.Equal(head, []byte{0xcf, 0xfa, 0xed, 0xfe}), bytes.Equal(head, []byte{0xca, 0xfe, 0xba, 0xbe}):
		return "a program for macOS", nil
	case bytes.HasPrefix(head, []byte("#!")):
		return "a script", nil
	}
	program, err := elf.NewFile(file)
	if err != nil {
		return "no program", nil
	}
	return "a Linux program for " + program.Machine.String(), nil
}
