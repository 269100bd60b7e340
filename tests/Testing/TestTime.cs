namespace MetaMap.Testing;

/// <summary>How long tests wait for what must come. It only ends what hangs: a busy machine may be twenty times slower than a quiet one.</summary>
public static class TestTime
{
    /// <summary>10 minutes.</summary>
    public static TimeSpan Limit { get; } = TimeSpan.FromMinutes(10);
}
