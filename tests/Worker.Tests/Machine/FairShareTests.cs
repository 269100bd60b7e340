using CsCheck;
using MetaMap.Testing;
using MetaMap.Training.Aggregation;
using MetaMap.Worker.Machine;

namespace MetaMap.Worker.Tests.Machine;

public sealed class FairShareTests
{
    private static readonly Gen<(double Weight, double Seconds)> _run = Gen.Select(Gen.Double[0.25, 4], Gen.Double[0.01, 2]);

    /// <summary>Runs that always have work get lane time by their weights, whatever their blocks cost and however many lanes there are.</summary>
    [Fact]
    public void Next_BackloggedRuns_SharesConvergeToTheWeights() =>
        Gen.Select(_run.Array[2, 5], Gen.Int[1, 4], Gen.Int).Repeatable().Sample((runs, lanes, seed) =>
        {
            var lab = new Lab(runs, lanes, seed);
            double[] service = lab.Serve(2_000, Enumerable.Range(0, runs.Length));
            double total = service.Sum();
            double weights = runs.Sum(run => run.Weight);
            for (int i = 0; i < runs.Length; i++)
            {
                Assert.Equal(runs[i].Weight / weights, service[i] / total, 0.08 * Math.Max(1, lanes / 2.0));
            }
        }, iter: 40);

    /// <summary>A run that comes late, or comes back, has a small credit at most: it neither starves the others nor waits for what they had before.</summary>
    [Fact]
    public void Arrive_RunThatWasIdle_HasASmallCreditAtMost() =>
        Gen.Select(_run.Array[2], Gen.Int).Repeatable().Sample((runs, seed) =>
        {
            var lab = new Lab(runs, lanes: 1, seed);
            lab.Serve(500, [0]);
            double[] both = lab.Serve(600, [0, 1]);
            Assert.Equal(runs[1].Weight / (runs[0].Weight + runs[1].Weight), both[1] / both.Sum(), 0.1);
            lab.Serve(500, [0]);
            both = lab.Serve(600, [0, 1]);
            Assert.Equal(runs[1].Weight / (runs[0].Weight + runs[1].Weight), both[1] / both.Sum(), 0.1 + (FairShare.MaxCreditSeconds / both.Sum()));
        }, iter: 40);

    /// <summary>A run that has no blocks for a moment after each of its short iterations still gets its share.</summary>
    [Fact]
    public void Arrive_RunWithShortIterations_CatchesUp()
    {
        const double blockSeconds = 0.010, betweenIterationsSeconds = 0.020;
        FairShare shares = FairShare.Empty.Arrive("light", 1).Arrive("light", 1);
        (double now, double next, int waiting, int open) = (0, 0, 0, 0);
        Dictionary<string, int> blocks = new() { ["light"] = 0, ["heavy"] = 0 };
        PriorityQueue<(string Run, double Charged), double> busy = new();
        while (blocks.Values.Sum() < 10_000)
        {
            if (open == 0 && now >= next)
            {
                (waiting, open) = (16, 16);
                shares = Enumerable.Range(0, 16).Aggregate(shares, (all, _) => all.Arrive("heavy", 3));
            }

            while (busy.Count < 2)
            {
                string run = shares.Next(waiting > 0 ? ["light", "heavy"] : ["light"])!;
                (shares, double charged) = shares.Begin(run);
                busy.Enqueue((run, charged), now + blockSeconds);
                (waiting, shares) = run == "heavy" ? (waiting - 1, shares) : (waiting, shares.Arrive(run, 1));
            }

            busy.TryDequeue(out (string Run, double Charged) ended, out now);
            shares = shares.End(ended.Run, ended.Charged, blockSeconds);
            blocks[ended.Run]++;
            if (ended.Run == "heavy" && --open == 0)
            {
                next = now + betweenIterationsSeconds;
            }
        }

        Assert.InRange(blocks["heavy"] / (double)blocks["light"], 2.8, 3.2);
    }

    [Fact]
    public void Next_NobodyWaits_IsNobody() => Assert.Null(FairShare.Empty.Next([]));

    [Fact]
    public void Forget_RunWithWork_KeepsIt()
    {
        FairShare shares = FairShare.Empty.Arrive("a", 1);
        Assert.Same(shares, shares.Forget("a"));
        Assert.Empty(shares.Withdraw("a").Forget("a").Shares);
    }

    /// <summary>Lanes and runs in simulated time; a lane is never idle while a run has work.</summary>
    private sealed class Lab((double Weight, double Seconds)[] runs, int lanes, int seed)
    {
        private readonly Random _random = new(seed);
        private FairShare _shares = FairShare.Empty;

        /// <summary>Serves so many blocks to runs that always have 5 blocks waiting; returns the lane time of each.</summary>
        public double[] Serve(int blocks, IEnumerable<int> who)
        {
            int[] active = [.. who];
            double[] service = new double[runs.Length];
            PriorityQueue<(string Run, double Charged, double Took), double> busy = new();
            double now = 0;
            foreach (int run in active)
            {
                for (int i = 0; i < 5; i++)
                {
                    _shares = _shares.Arrive($"{run}", runs[run].Weight);
                }
            }

            for (int begun = 0; begun < blocks; begun++)
            {
                if (busy.Count == lanes)
                {
                    EndOne(busy, ref now);
                }

                string next = _shares.Next(active.Select(run => $"{run}"))!;
                (_shares, double charged) = _shares.Begin(next);
                double took = runs[int.Parse(next, null)].Seconds * (0.5 + _random.NextDouble());
                service[int.Parse(next, null)] += took;
                busy.Enqueue((next, charged, took), now + took);
                _shares = _shares.Arrive(next, runs[int.Parse(next, null)].Weight);
            }

            while (busy.Count > 0)
            {
                EndOne(busy, ref now);
            }

            foreach (int run in active)
            {
                while (_shares.Shares[$"{run}"].Jobs > 0)
                {
                    _shares = _shares.Withdraw($"{run}");
                }
            }

            return service;
        }

        private void EndOne(PriorityQueue<(string Run, double Charged, double Took), double> busy, ref double now)
        {
            busy.TryDequeue(out (string Run, double Charged, double Took) ended, out now);
            _shares = _shares.End(ended.Run, ended.Charged, ended.Took);
        }
    }
}
