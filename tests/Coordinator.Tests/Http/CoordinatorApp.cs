namespace MetaMap.Coordinator.Tests.Http;

/// <summary>One coordinator node for all HTTP tests.</summary>
public class CoordinatorApp : IAsyncLifetime
{
    private CoordinatorNode? _node;

    public HttpClient Http => _node!.Http;

    public string RunsDirectory => _node!.RunsDirectory;

    public IServiceProvider Services => _node!.Services;

    public async Task InitializeAsync() => _node = await CoordinatorNode.Start(settings => Adjust(settings with { MaxRuns = 100, AdaptationsPerMinute = 60_000 }), Configuration);

    public async Task DisposeAsync() => await _node!.DisposeAsync();

    /// <summary>What this app has beside the defaults.</summary>
    protected virtual CoordinatorSettings Adjust(CoordinatorSettings settings) => settings;

    /// <summary>What is set for ASP.NET.</summary>
    protected virtual IEnumerable<KeyValuePair<string, string?>> Configuration => [];
}
