namespace MetaMap.Shared.Blobs;

/// <summary>
/// The threads of the actors that serve and fetch chunks: copying and hashing hundreds of megabytes must not delay leases and
/// verdicts.
/// </summary>
internal static class BlobDispatcher
{
    /// <summary>Its name in the configuration.</summary>
    public const string Name = "metamap.blob-dispatcher";

    /// <summary>Its configuration, as HOCON.</summary>
    public const string Hocon = """
        metamap.blob-dispatcher {
          type = Dispatcher
          executor = fork-join-executor
          fork-join-executor { parallelism-min = 1, parallelism-factor = 0.5, parallelism-max = 4 }
          # Other transfers come in between.
          throughput = 4
        }
        """;
}
