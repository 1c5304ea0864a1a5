package browser

var FindNode = findNode
