using Akka.Hosting;
using MetaMap.Coordinator.Hosting;
using MetaMap.Coordinator.Http;
using MetaMap.Core.Tests.Checkpoints;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace MetaMap.Coordinator.Tests.Http;

/// <summary>A real coordinator node: Kestrel and the cluster on free loopback ports. One for all HTTP tests.</summary>
public class CoordinatorApp : IAsyncLifetime, IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private WebApplication? _app;

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(100) };

    public string RunsDirectory => _folder.Path;

    public IServiceProvider Services => _app!.Services;

    public async Task InitializeAsync()
    {
        CoordinatorSettings settings = Adjust(new() { Node = new NodeSettings { Roles = [NodeSettings.CoordinatorRole] }, RunsDirectory = _folder.Path });
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Development" });
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
        await _app.StartAsync();
        Http.BaseAddress = new Uri(_app.Urls.First());
    }

    public async Task DisposeAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
    }

    public void Dispose()
    {
        Http.Dispose();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>What this app has beside the defaults.</summary>
    protected virtual CoordinatorSettings Adjust(CoordinatorSettings settings) => settings;
}
