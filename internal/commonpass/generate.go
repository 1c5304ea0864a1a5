package commonpass

//go:generate go run ./gen
