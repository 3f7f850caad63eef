package main

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"strings"
)

// Size of the demo pictures, in pixels.
const demoWidth, demoHeight = 1600, 1067

// draw returns a picture, JPEG or PNG by its name: a sky over rows of hills,
// whose colours and shapes follow from the name.
func draw(name string) ([]byte, error) {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(name)) // a hash never fails to write
	seed := hash.Sum64()
	img := image.NewRGBA(image.Rect(0, 0, demoWidth, demoHeight))
	hue := float64(seed%360) / 360
	for y := range demoHeight {
		for x := range demoWidth {
			img.SetRGBA(x, y, scene(x, y, hue, seed))
		}
	}
	var out bytes.Buffer
	var err error
	if strings.HasSuffix(name, ".png") {
		err = png.Encode(&out, img)
	} else {
		err = jpeg.Encode(&out, img, &jpeg.Options{Quality: 88})
	}
	if err != nil {
		return nil, fmt.Errorf("drawing %s: %w", name, err)
	}
	return out.Bytes(), nil
}

// scene is the colour at one point.
func scene(x, y int, hue float64, seed uint64) color.RGBA {
	const hills = 5
	u, v := float64(x)/demoWidth, float64(y)/demoHeight
	c := mix(wheel(hue+0.08, 0.25, 1), wheel(hue, 0.55, 0.85), v)
	sunX, sunY := 0.2+0.6*float64(seed>>8%7)/7, 0.28
	if d := math.Hypot((u-sunX)*demoWidth/demoHeight, v-sunY); d < 0.09 {
		c = wheel(hue+0.12, 0.1, 1)
	}
	for hill := range hills {
		at := float64(hill) / hills
		phase := float64(seed>>(8*hill)&0xff) / 40
		top := 0.45 + 0.11*float64(hill) + 0.05*math.Sin(u*(4+3*at)+phase) + 0.02*math.Sin(u*17+2*phase)
		if v > top {
			c = mix(wheel(hue+0.03, 0.35+0.3*at, 0.8-0.55*at), wheel(hue-0.05, 0.5, 0.35), (v-top)*0.9)
		}
	}
	return c
}

// wheel is a colour by hue, saturation and value, each from 0 to 1.
func wheel(hue, saturation, value float64) color.RGBA {
	channel := func(offset float64) uint8 {
		k := math.Mod(offset+6*(hue-math.Floor(hue)), 6)
		return uint8(255 * value * (1 - saturation*max(0, min(k, 4-k, 1))))
	}
	return color.RGBA{channel(5), channel(3), channel(1), 255}
}

func mix(a, b color.RGBA, t float64) color.RGBA {
	t = min(max(t, 0), 1)
	blend := func(x, y uint8) uint8 { return uint8(float64(x) + t*(float64(y)-float64(x))) }
	return color.RGBA{blend(a.R, b.R), blend(a.G, b.G), blend(a.B, b.B), 255}
}
