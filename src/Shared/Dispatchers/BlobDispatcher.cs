namespace MetaMap.Shared.Dispatchers;

/// <summary>
/// The threads of the actors that serve and fetch chunks: copying and hashing hundreds of megabytes must not delay leases and
/// verdicts.
/// </summary>
internal static class BlobDispatcher
{
    /// <summary>Its name in the configuration.</summary>
    public const string Name = "metamap.blob-dispatcher";

    /// <summary>Its configuration, as HOCON.</summary>
    public static string Hocon { get; } = $$"""
        metamap.blob-dispatcher {
          type = Dispatcher
          executor = "{{SleepingThreads.ConfiguratorName}}"
          sleeping-threads { of-cores = 0.5, least = 1, most = 4 }
          # Other transfers come in between.
          throughput = 4
        }
        """;
}
