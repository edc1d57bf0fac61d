package host

import "testing"

func TestBoundingSet(t *testing.T) {
	for name, tc := range map[string]struct {
		status  string
		want    uint64
		wantErr bool
	}{
		"everything":          {status: "Name:\tgo\nCapBnd:\t000001ffffffffff\nCapAmb:\t0\n", want: 0x1ffffffffff},
		"no CAP_SYS_RESOURCE": {status: "CapBnd:\t000001fffeffffff\n", want: 0x1fffeffffff},
		"no such line":        {status: "Name:\tgo\n", wantErr: true},
		"not a number":        {status: "CapBnd:\tall\n", wantErr: true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := boundingSet(tc.status)
			if (err != nil) != tc.wantErr {
				t.Fatalf("error = %v, want an error: %v", err, tc.wantErr)
			}
			if got != tc.want {
				t.Errorf("set = %x, want %x", got, tc.want)
			}
		})
	}
}
