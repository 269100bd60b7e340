using CsCheck;
using MetaMap.Testing;

namespace MetaMap.Core.Tests;

public sealed class DeterministicRandomTests
{
    /// <summary>Large populations are sampled without laying them out, and give what the laid-out shuffle gives.</summary>
    [Fact]
    public void Sample_AnyPopulation_IsTheShuffleOfFisherAndYates() =>
        Gen.Select(Gen.Long, Gen.Int[1, 5_000], Gen.Int[0, 200]).Repeatable().Sample((seed, population, count) =>
        {
            count = Math.Min(count, population);
            DeterministicRandom random = DeterministicRandom.For("test", seed);
            DeterministicRandom same = DeterministicRandom.For("test", seed);
            int[] places = [.. Enumerable.Range(0, population)];
            for (int i = 0; i < count; i++)
            {
                int j = i + same.NextInt(population - i);
                (places[i], places[j]) = (places[j], places[i]);
            }

            Assert.Equal(places[..count], random.Sample(population, count));
            Assert.Equal(same.NextUInt64(), random.NextUInt64());
        }, iter: 500);

    /// <summary>If this fails, resumed runs and mixed clusters no longer give the same bits: do not just update the numbers.</summary>
    [Fact]
    public void Sample_Pinned_HasNotChanged()
    {
        DeterministicRandom random = DeterministicRandom.For("pinned", 7, 8);
        Assert.Equal([883576, 976957, 792518, 730106], random.Sample(1_000_000, 4));
    }

    [Fact]
    public void Sample_AHugePopulation_TakesLittleMemory()
    {
        DeterministicRandom random = DeterministicRandom.For("test", 1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        random.Sample(int.MaxValue, 10);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000);
    }
}
