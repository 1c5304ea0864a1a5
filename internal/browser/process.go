package browser

import (
	"bufio"
	"bytes"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// patience is how long a test waits for anything: a machine may be busy with others.
const patience = 30 * time.Second

// process is a program that runs beside a test, and ends with it.
type process struct {
	t     testing.TB
	cmd   *exec.Cmd
	stdin io.WriteCloser
	lines chan string // of its output
	log   record
}

// launch starts a program. What it has said is told if the test fails.
func launch(t testing.TB, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{t: t, cmd: cmd, lines: make(chan string, 64)}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = &p.log
	dieWithUs(cmd)

	started, done := make(chan error), make(chan struct{})
	go func() {
		// The kernel takes the end of the starting thread for the end of the parent.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(done)
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.read(stdout)
		_ = cmd.Wait() // a program that is stopped by a signal has not failed
	}()
	if err := <-started; err != nil {
		t.Fatalf("start %s: %v", cmd.Path, err)
	}
	t.Cleanup(func() {
		_ = p.stdin.Close()                     // the program may have closed it
		_ = cmd.Process.Signal(syscall.SIGTERM) // an error means that it has ended
		select {
		case <-done:
		case <-time.After(patience):
			_ = cmd.Process.Kill()
			<-done
		}
		if t.Failed() {
			t.Logf("%s said:\n%s", cmd.Path, p.log.String())
		}
	})
	return p
}

// read takes the program's output until it ends. Lines that nobody waits for are only in
// the log.
func (p *process) read(stdout io.Reader) {
	defer close(p.lines)
	for scan := bufio.NewScanner(stdout); scan.Scan(); {
		_, _ = p.log.Write(append(scan.Bytes(), '\n')) // never fails
		select {
		case p.lines <- scan.Text():
		default:
		}
	}
}

// says waits for a line that begins so, and returns the rest of it.
func (p *process) says(prefix string) string {
	p.t.Helper()
	late := time.After(patience)
	for {
		select {
		case line, ok := <-p.lines:
			if !ok {
				p.t.Fatalf("%s ended before it said %q", p.cmd.Path, prefix)
			}
			if rest, found := strings.CutPrefix(line, prefix); found {
				return rest
			}
		case <-late:
			p.t.Fatalf("%s did not say %q in %v", p.cmd.Path, prefix, patience)
		}
	}
}

// record is a log that is written and read at the same time.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer // guarded by mu
}

// Write implements io.Writer.
func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}
