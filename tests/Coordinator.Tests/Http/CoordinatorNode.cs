using Akka.Hosting;
using MetaMap.Coordinator.Hosting;
using MetaMap.Coordinator.Http;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MetaMap.Coordinator.Tests.Http;

/// <summary>A real coordinator node: Kestrel and the cluster on free loopback ports.</summary>
internal sealed class CoordinatorNode : IAsyncDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly WebApplication _app;

    private CoordinatorNode(Func<string, CoordinatorSettings> settingsOf, IEnumerable<KeyValuePair<string, string?>> configuration)
    {
        CoordinatorSettings settings = settingsOf(_folder.Path);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
        builder.Configuration.AddInMemoryCollection(configuration);
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddCoordinator(settings);
        builder.Services.AddAkka(NodeSettings.SystemName, (akka, services) =>
        {
            akka.AddMetaMapNode(settings.Node);
            akka.WithActors((system, _) => system.ActorOf(BlobHolder.Props(services.GetRequiredService<BlobStore>()), BlobHolder.Name));
            akka.AddCoordinatorActors(services);
        });
        _app = builder.Build();
        _app.MapCoordinator();
    }

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(100) };

    public string RunsDirectory => _folder.Path;

    public IServiceProvider Services => _app.Services;

    public static async Task<CoordinatorNode> Start(
        Func<CoordinatorSettings, CoordinatorSettings> adjust, IEnumerable<KeyValuePair<string, string?>>? configuration = null)
    {
        CoordinatorNode node = new(folder => adjust(new CoordinatorSettings
        {
            Node = new NodeSettings { Roles = [NodeSettings.CoordinatorRole] }, RunsDirectory = folder,
        }), configuration ?? []);
        await node._app.StartAsync();
        node.Http.BaseAddress = new Uri(node._app.Urls.First());
        return node;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
