using CsCheck;
using MetaMap.Worker.Lanes;

namespace MetaMap.Worker.Tests.Lanes;

public sealed class FairShareTests
{
    private static readonly Gen<(double Weight, double Seconds)> _run = Gen.Select(Gen.Double[0.25, 4], Gen.Double[0.01, 2]);

    /// <summary>Runs that always have work get lane time by their weights, whatever their blocks cost and however many lanes there are.</summary>
    [Fact]
    public void Next_BackloggedRuns_SharesConvergeToTheWeights() =>
        Gen.Select(_run.Array[2, 5], Gen.Int[1, 4], Gen.Int).Sample((runs, lanes, seed) =>
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

    /// <summary>A run that comes late, or comes back, is level with the others: it neither starves them nor waits for what they had before.</summary>
    [Fact]
    public void Arrive_RunThatWasIdle_HasNeitherCreditNorDebt() =>
        Gen.Select(_run.Array[2], Gen.Int).Sample((runs, seed) =>
        {
            var lab = new Lab(runs, lanes: 1, seed);
            lab.Serve(500, [0]);
            double[] both = lab.Serve(600, [0, 1]);
            Assert.Equal(runs[1].Weight / (runs[0].Weight + runs[1].Weight), both[1] / both.Sum(), 0.1);
        }, iter: 40);

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
