// server.go: serve one line over HTTP on 127.0.0.1:PORT, and with CLIENTS > 0 get it that often
// at once from PORT, printing how many got it.
package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
)

func main() {
	address := "127.0.0.1:" + os.Args[2]
	if os.Args[1] == "serve" {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("ready")
		for {
			connection, err := listener.Accept()
			if err != nil {
				fmt.Println(err)
				continue
			}
			fmt.Fprint(connection, "hello")
			connection.Close()
		}
	}
	clients, _ := strconv.Atoi(os.Args[3])
	done := make(chan string)
	for i := 0; i < clients; i++ {
		go func() {
			connection, err := net.Dial("tcp", address)
			if err != nil {
				done <- err.Error()
				return
			}
			text, _ := io.ReadAll(connection)
			done <- string(text)
		}()
	}
	counts := map[string]int{}
	for i := 0; i < clients; i++ {
		counts[<-done]++
	}
	for text, n := range counts {
		fmt.Println(n, text)
	}
}
