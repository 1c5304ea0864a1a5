package browser

import (
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

// Shot writes what the person sees to the folder of TORII_SHOTS, as wide as a desktop and
// as a phone: NAME-1280.png, NAME-360.png. Without the variable it does nothing.
func (tab *Tab) Shot(name string) {
	tab.t.Helper()
	dir := os.Getenv(shotsEnv)
	if dir == "" {
		return
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		tab.t.Fatal(err)
	}
	for width, height := range map[int64]int64{desktop: 800, phone: 740} {
		ctx, cancel := tab.soon()
		defer cancel()
		if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, height)); err != nil {
			tab.fail("look at %d pixels: %v", width, err)
		}
		wide, err := chromedp.Run(ctx, chromedp.Evaluate[int64](`document.documentElement.scrollWidth`))
		if err != nil {
			tab.fail("measure the page: %v", err)
		}
		if wide > width {
			tab.t.Errorf("%s: the page is %d pixels wide, on a screen of %d", name, wide, width)
		}
		picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
		if err != nil {
			tab.fail("take a picture: %v", err)
		}
		file := filepath.Join(dir, fmt.Sprintf("%s-%d.png", name, width))
		if err := os.WriteFile(file, picture, 0o600); err != nil {
			tab.t.Fatal(err)
		}
	}
	tab.do("look as before", chromedp.ResetViewport())
}
