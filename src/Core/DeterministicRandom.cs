namespace MetaMap.Core;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood 2014): a small generator whose whole state is its key, so that a draw is a pure
/// function of what it is for. The same numbers on every platform and .NET version, unlike <see cref="Random"/>.
/// </summary>
public struct DeterministicRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;

    // A population up to this size is shuffled in one array.
    private const int DensePopulation = 256;

    private ulong _state;

    private DeterministicRandom(ulong state) => _state = state;

    /// <summary>A generator for one purpose: the key parts are mixed one after the other.</summary>
    /// <param name="purpose">What is drawn, e.g. <c>"episode"</c>; different purposes are independent streams.</param>
    /// <param name="key">The numbers that the draw is a function of, e.g. seed, iteration, index.</param>
    public static DeterministicRandom For(string purpose, params ReadOnlySpan<long> key)
    {
        ulong state = 0;
        foreach (char c in purpose)
        {
            state = Mix(state + Golden + c);
        }

        foreach (long part in key)
        {
            state = Mix(state + Golden ^ Mix((ulong)part + Golden));
        }

        return new DeterministicRandom(state);
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64() => Mix(_state += Golden);

    /// <summary>A uniform integer in [0, <paramref name="exclusiveBound"/>), with negligible modulo bias (2^-32).</summary>
    public int NextInt(int exclusiveBound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exclusiveBound, 1);
        return (int)(((NextUInt64() >> 32) * (ulong)exclusiveBound) >> 32);
    }

    /// <summary>A uniform number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A uniform number in [<paramref name="from"/>, <paramref name="to"/>).</summary>
    public double NextDouble(double from, double to) => from + (to - from) * NextDouble();

    /// <summary>A standard normal number (Box and Muller 1958, cosine branch).</summary>
    public double NextGaussian() => Math.Sqrt(-2 * Math.Log(1 - NextDouble())) * Math.Cos(2 * Math.PI * NextDouble());

    /// <summary>The first <paramref name="count"/> places of a random permutation of 0 … population-1 (Fisher and Yates).</summary>
    /// <returns>Distinct integers, in random order.</returns>
    public int[] Sample(int population, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, population);
        if (population > DensePopulation && count < population / 8)
        {
            return SampleSparsely(population, count);
        }

        int[] places = new int[population];
        for (int i = 0; i < population; i++)
        {
            places[i] = i;
        }

        for (int i = 0; i < count; i++)
        {
            int j = i + NextInt(population - i);
            (places[i], places[j]) = (places[j], places[i]);
        }

        return places[..count];
    }

    /// <summary>Draws the same sample with memory only for the places that moved.</summary>
    private int[] SampleSparsely(int population, int count)
    {
        Dictionary<int, int> moved = new(count);
        int[] drawn = new int[count];
        for (int i = 0; i < count; i++)
        {
            int j = i + NextInt(population - i);
            drawn[i] = moved.GetValueOrDefault(j, j);
            moved[j] = moved.GetValueOrDefault(i, i);
        }

        return drawn;
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
