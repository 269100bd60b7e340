using CsCheck;

namespace MetaMap.Testing;

/// <summary>The same cases in every run: what passed here passes elsewhere, and a failure repeats by itself.</summary>
internal static class RepeatableCases
{
    /// <summary>Environment variable: seconds that each decoder is fuzzed for, instead of its usual number of inputs.</summary>
    public const string SecondsVariable = "METAMAP_FUZZ_SECONDS";

    private static readonly bool _areWanted =
        Environment.GetEnvironmentVariable("CsCheck_Seed") is null && Environment.GetEnvironmentVariable(SecondsVariable) is null;

    /// <summary>Draws from a fixed sequence of seeds, one a case; from new ones with METAMAP_FUZZ_SECONDS or CsCheck_Seed.</summary>
    public static Gen<T> Repeatable<T>(this Gen<T> cases) => _areWanted ? new Sequence<T>(cases) : cases;

    private sealed class Sequence<T>(Gen<T> cases) : Gen<T>
    {
        private long _drawn;

        public override T Generate(PCG pcg, Size? min, out Size size) =>
            cases.Generate(new PCG(1, (ulong)Interlocked.Increment(ref _drawn)), min, out size);
    }
}
