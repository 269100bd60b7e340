#!/usr/bin/env python3
"""How a coordinator and a worker answer over HTTP, beside training and without it, and what memory that costs.

    bench/load.py [--requests 1000] [--adaptations 10000] [--downloads 100] [--seconds 1200]

Starts one coordinator and one worker of one lane on loopback, with the first run of the README. Standard output: for model/info, adapt and predict the median
and the 99th percentile of one client that asks one thing after the other, while the run trains and after it was paused; the episodes a second with and without
clients that download the model all the time; and the memory of both processes while sessions are opened and ended. No phase takes longer than its share of
--seconds. Python's standard library is enough.
"""
import argparse, base64, contextlib, http.client, json, os, random, shutil, socket, statistics, struct, subprocess, sys, tempfile, threading, time, zlib

root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
strokes = {
    "cross": [(.2, .2, .8, .8), (.8, .2, .2, .8)], "plus": [(.5, .1, .5, .9), (.1, .5, .9, .5)], "ell": [(.2, .1, .2, .9), (.2, .9, .8, .9)],
    "vee": [(.1, .1, .5, .9), (.5, .9, .9, .1)], "box": [(.2, .2, .8, .2), (.8, .2, .8, .8), (.8, .8, .2, .8), (.2, .8, .2, .2)],
}


def drawing(name, chance, side=28):
    """A PNG file in base64: strokes of ink on paper, each time a little different."""
    ink = [[255] * side for _ in range(side)]
    for stroke in strokes[name]:
        x0, y0, x1, y1 = (side * (value + chance.uniform(-.06, .06)) for value in stroke)
        for step in range(4 * side):
            x, y = (round(a + (b - a) * step / (4 * side)) for a, b in ((x0, x1), (y0, y1)))
            for column, row in ((x, y), (x + 1, y), (x, y + 1)):
                if 0 <= column < side and 0 <= row < side:
                    ink[row][column] = 0

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    file = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)) \
        + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + bytes(row) for row in ink))) + chunk(b"IEND", b"")
    return base64.b64encode(file).decode()


class Refused(Exception):
    pass


class Client:
    """One connection that stays open."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)

    def ask(self, method, path, body=None):
        self.connection.request(method, path, None if body is None else json.dumps(body), {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        content = answer.read()
        if answer.status >= 400:
            raise Refused(f"{method} {path}: {answer.status} {content.decode()}")
        return content if path.endswith("/model") else json.loads(content or b"null")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def timed(count, seconds, act):
    """Milliseconds of each call, the first 10 left out."""
    end, times = time.monotonic() + seconds, []
    while len(times) < count + 10 and time.monotonic() < end:
        began = time.perf_counter()
        act()
        times.append(1000 * (time.perf_counter() - began))
    return times[10:] if len(times) > 20 else times


def row(phase, what, times):
    ranked = sorted(times)
    print(f"| {phase} | {what} | {len(times)} | {statistics.median(times):.1f} ms | {ranked[min(len(ranked) - 1, int(.99 * len(ranked)))]:.1f} ms |", flush=True)


def resident(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def processor(pid):
    """Seconds of processor time that a process has taken."""
    with open(f"/proc/{pid}/stat") as stat:
        return sum(map(int, stat.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--adaptations", type=int, default=10_000)
    parser.add_argument("--downloads", type=int, default=100, help="clients that download the model at once")
    parser.add_argument("--seconds", type=float, default=1200, help="most seconds in all")
    given = parser.parse_args()
    subprocess.run([os.path.join(root, "metamap"), "--help"], check=True, stdout=subprocess.DEVNULL)
    work, port, web = tempfile.mkdtemp(), free_port(), free_port()
    program = ["dotnet", os.path.join(root, "src/Cli/bin/program/MetaMap.Cli.dll")]
    with contextlib.ExitStack() as ending:
        ending.callback(shutil.rmtree, work, True)

        def start(*arguments):
            log = ending.enter_context(open(os.path.join(work, f"{arguments[0]}.log"), "w"))
            process = subprocess.Popen([*program, *arguments], stdout=log, stderr=log)
            ending.callback(process.wait)
            ending.callback(process.terminate)
            return process.pid

        coordinator = start(
            "coordinator", "--port", str(port), "--http-port", str(web), "--runs", os.path.join(work, "runs"), "--name", "load", "--iterations", "100000000",
            "--adaptations-per-minute", "1000000")
        worker = start("worker", "--coordinator", f"127.0.0.1:{port}", "--threads", "1")
        client = Client(web)
        measure(given, client, web, coordinator, worker)


def measure(given, client, web, coordinator, worker):
    share = given.seconds / 10
    iteration = lambda: client.ask("GET", "/api/runs/load")["iteration"]
    deadline = time.monotonic() + 120
    while True:
        try:
            if iteration() >= 20:
                break
        except (OSError, http.client.HTTPException, Refused):
            client.connection.close()  # not there yet
        if time.monotonic() > deadline:
            raise SystemExit("No iteration in 120 s.")
        time.sleep(.5)

    chance = random.Random(1)
    support = {"support": [{"label": name, "image": drawing(name, chance)} for name in strokes for _ in range(5)]}
    question = {"images": [drawing("cross", chance)]}

    def adapt():
        return client.ask("POST", "/api/runs/load/adapt", support)["sessionId"]

    def adapt_and_end():
        client.ask("DELETE", f"/api/sessions/{adapt()}")

    print("| the run | request | number | median | 99th percentile |\n| --- | --- | --- | --- | --- |")

    def answers(phase):
        row(phase, "`model/info`", timed(given.requests, share, lambda: client.ask("GET", "/api/model/info")))
        row(phase, "`adapt`, 5 classes of 5 images, and `DELETE`", timed(given.requests, share, adapt_and_end))
        session = adapt()
        row(phase, "`predict`, 1 image", timed(given.requests, share, lambda: client.ask("POST", f"/api/sessions/{session}/predict", question)))
        client.ask("DELETE", f"/api/sessions/{session}")

    answers("trains")

    # In turns, so that what else the machine does meets both alike.
    def speed(seconds):
        first, began, taken = iteration(), time.perf_counter(), [processor(pid) for pid in (coordinator, os.getpid())]
        time.sleep(seconds)
        took = time.perf_counter() - began
        return (iteration() - first) / took, *((processor(pid) - before) / took for pid, before in zip((coordinator, os.getpid()), taken))

    alone, beside, downloads = [], [], [0]
    for _ in range(3):
        alone.append(speed(share / 12))
        over = threading.Event()

        def download():
            mine = Client(web)
            while not over.is_set():
                mine.ask("GET", "/api/model")
                downloads[0] += 1
                over.wait(1)

        clients = [threading.Thread(target=download) for _ in range(given.downloads)]
        for one in clients:
            one.start()
        beside.append(speed(share / 12))
        over.set()
        for one in clients:
            one.join()

    client.ask("POST", "/api/runs/load/pause")
    answers("is paused")
    (rate, cores, _), (slower, more, clients) = ([statistics.median(column) for column in zip(*turns)] for turns in (alone, beside))
    print(f"\nIterations a second, medians of 3 in turns: {rate:.2f}, and {slower:.2f} beside {given.downloads} clients that download the model once a second ({downloads[0]} downloads):"
          f" {100 * slower / rate:.1f}%. The coordinator took {cores:.2f} of a core, and {more:.2f} beside them; they took {clients:.2f} themselves.\n")
    print("| adaptations | coordinator | worker |\n| --- | --- | --- |")
    end = time.monotonic() + 4 * share
    for done in range(given.adaptations + 1):
        if done % max(1, given.adaptations // 10) == 0:
            print(f"| {done:,} | {resident(coordinator):.0f} MiB | {resident(worker):.0f} MiB |", flush=True)
        if done == given.adaptations or time.monotonic() > end:
            break
        adapt_and_end()
    if done < given.adaptations:
        print(f"| {done:,}, out of time | {resident(coordinator):.0f} MiB | {resident(worker):.0f} MiB |")


if __name__ == "__main__":
    sys.exit(main())
