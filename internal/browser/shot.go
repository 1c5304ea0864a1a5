package browser

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/chromedp/chromedp"
)

// shotsEnv names the folder of the screenshots.
const shotsEnv = "TORII_SHOTS"

// desktop and phone are the widths at which people look.
const (
	desktop = 1280
	phone   = 360
)

// Shot looks at the page as wide as a desktop and as a phone, where nothing may be wider
// than the screen, and writes what the person sees to the folder of TORII_SHOTS, if that
// is set: NAME-1280.png, NAME-360.png.
func (tab *Tab) Shot(name string) {
	tab.t.Helper()
	dir := os.Getenv(shotsEnv)
	for width, height := range map[int64]int64{desktop: 800, phone: 740} {
		tab.do(fmt.Sprintf("look at %d pixels", width), chromedp.EmulateViewport(width, height))
		if wide := tab.width(); wide > width {
			tab.t.Errorf("%s: the page is %d pixels wide, on a screen of %d", name, wide, width)
		}
		if dir != "" {
			tab.picture(filepath.Join(dir, fmt.Sprintf("%s-%d.png", name, width)))
		}
	}
	tab.do("look as before", chromedp.ResetViewport())
}

func (tab *Tab) picture(file string) {
	tab.t.Helper()
	ctx, cancel := tab.soon()
	defer cancel()
	// Chromium paints what has come into sight with the next frames.
	const painted = `new Promise((then) => requestAnimationFrame(() => requestAnimationFrame(() => then(true))))`
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[bool](painted, chromedp.EvalAwaitPromise)); err != nil {
		tab.fail("wait for the paint: %v", err)
	}
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		tab.fail("take a picture: %v", err)
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o750), os.WriteFile(file, picture, 0o600)); err != nil {
		tab.t.Fatal(err)
	}
}

// width is how wide the page wants to be.
func (tab *Tab) width() int64 {
	tab.t.Helper()
	ctx, cancel := tab.soon()
	defer cancel()
	wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
	if err != nil {
		tab.fail("measure the page: %v", err)
	}
	return wide
}
