using System.Collections.Immutable;
using CsCheck;
using MetaMap.Shared.Blobs;
using MetaMap.Testing;

namespace MetaMap.Shared.Tests.Blobs;

public class TransferTurnsTests
{
    private static readonly TransferLimits Limits = new(3, 100);

    [Fact]
    public void Enter_LongTransfers_RunAsManyAsFitTheBytes()
    {
        TransferTurns queue = TransferTurns.Empty(Limits);
        (queue, ImmutableArray<long> first) = queue.Enter(1, 60);
        (queue, ImmutableArray<long> second) = queue.Enter(2, 60);
        // Short, but it came later: the long one before it must not wait for ever.
        (queue, ImmutableArray<long> third) = queue.Enter(3, 1);
        Assert.Equal<long>([1], first);
        Assert.Empty(second);
        Assert.Empty(third);
        (queue, ImmutableArray<long> admitted) = queue.Leave(1);
        Assert.Equal<long>([2, 3], admitted);
        Assert.Equal(61, queue.RunningBytes);
    }

    [Fact]
    public void Enter_LongerThanTheLimit_RunsAlone()
    {
        (TransferTurns queue, ImmutableArray<long> admitted) = TransferTurns.Empty(Limits).Enter(1, 1_000);
        Assert.Equal<long>([1], admitted);
        (queue, admitted) = queue.Enter(2, 1);
        Assert.Empty(admitted);
        Assert.Equal<long>([2], queue.Leave(1).Admitted);
    }

    [Fact]
    public void Leave_WhileWaitingOrUnknown_ChangesNobodyElse()
    {
        TransferTurns queue = TransferTurns.Empty(Limits).Enter(1, 100).Next.Enter(2, 1).Next.Enter(3, 2).Next;
        (queue, ImmutableArray<long> admitted) = queue.Leave(2);
        Assert.Empty(admitted);
        Assert.Empty(queue.Leave(9).Admitted);
        Assert.Equal<long>([3], queue.Leave(1).Admitted);
    }

    /// <summary>Whatever comes and goes: the limits hold, the order is that of arrival, and in the end everybody had a turn.</summary>
    [Fact]
    public void EnterAndLeave_AtRandom_LimitsHoldAndNobodyIsForgotten() =>
        Gen.Select(Gen.Int[0, 250].Array[1, 60], Gen.Int).Repeatable().Sample((lengths, seed) =>
        {
            Random random = new(seed);
            TransferTurns queue = TransferTurns.Empty(Limits);
            List<long> begun = [];
            List<long> running = [];
            for (int next = 0; next < lengths.Length || running.Count > 0;)
            {
                ImmutableArray<long> admitted;
                if (next < lengths.Length && (running.Count == 0 || random.Next(2) == 0))
                {
                    (queue, admitted) = queue.Enter(next, lengths[next]);
                    next++;
                }
                else
                {
                    long ended = running[random.Next(running.Count)];
                    running.Remove(ended);
                    (queue, admitted) = queue.Leave(ended);
                }

                begun.AddRange(admitted);
                running.AddRange(admitted);
                Assert.Equal(running.Sum(transfer => (long)lengths[transfer]), queue.RunningBytes);
                Assert.True(running.Count <= 1 || (running.Count <= Limits.Transfers && queue.RunningBytes <= Limits.Bytes));
            }

            Assert.Equal(Enumerable.Range(0, lengths.Length).Select(i => (long)i), begun);
        });

    [Fact]
    public void Gate_ManyThreads_NeverMoreAtOnceAndAllHaveATurn()
    {
        TransferGate gate = new();
        int running = 0;
        int most = 0;
        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            using ManualResetEventSlim begun = new();
            using (gate.Enter(TransferLimits.Default.Bytes / 2, begun.Set))
            {
                Assert.True(begun.Wait(TimeSpan.FromSeconds(60)), "its turn never came");
                int now = Interlocked.Increment(ref running);
                InterlockedMax(ref most, now);
                Interlocked.Decrement(ref running);
            }
        });
        Assert.InRange(most, 1, 2);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        int seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
