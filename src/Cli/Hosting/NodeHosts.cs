using System.Globalization;
using System.Net.Sockets;
using Akka.Actor;
using Akka.Hosting;
using MetaMap.Coordinator;
using MetaMap.Coordinator.Hosting;
using MetaMap.Coordinator.Http;
using MetaMap.Core;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Worker;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MetaMap.Cli.Hosting;

/// <summary>Builds the hosts of nodes: a coordinator with HTTP (and, for local training, a worker in the same process), or a worker.</summary>
internal static class NodeHosts
{
    /// <summary>Builds a coordinator; with <paramref name="worker"/>, its node computes, too.</summary>
    /// <exception cref="ConfigurationException">A port is in use.</exception>
    public static WebApplication Coordinator(CoordinatorSettings coordinator, WorkerSettings? worker, NodeLog log)
    {
        Ports.RequireFree(coordinator.Node.BindHost, coordinator.Node.Port, "cluster", "--port");
        // Empty: an appsettings.json in the current directory is not ours, and the directory must not be watched.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddEnvironmentVariables();
        builder.Services.AddRoutingCore();
        log.Configure(builder.Logging);
        AllowTime(builder.Services, coordinator.Node.GoodbyeTimeout);
        ListenForHttp(builder.WebHost, coordinator);
        builder.Services.AddCoordinator(coordinator).AddTelemetry(NodeSettings.CoordinatorRole);
        if (worker is not null)
        {
            builder.Services.AddWorker(worker);
        }

        builder.Services.AddHostedService<RemotingFirst>();
        builder.Services.AddAkka(NodeSettings.SystemName, (akka, services) =>
        {
            akka.AddMetaMapNode(coordinator.Node);
            AddBlobHolder(akka, services);
            akka.AddCoordinatorActors(services);
            if (worker is not null)
            {
                akka.AddWorkerActors(services);
            }
        });
        WebApplication app = builder.Build();
        app.MapCoordinator();
        return app;
    }

    /// <summary>Builds a worker.</summary>
    /// <exception cref="ConfigurationException">The port is in use.</exception>
    public static IHost Worker(WorkerSettings worker, NodeLog log)
    {
        Ports.RequireFree(worker.Node.BindHost, worker.Node.Port, "cluster", "--port");
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddEnvironmentVariables();
        log.Configure(builder.Logging);
        AllowTime(builder.Services, worker.Node.GoodbyeTimeout);
        builder.Services.AddWorker(worker).AddTelemetry(NodeSettings.WorkerRole);
        builder.Services.AddHostedService<RemotingFirst>();
        builder.Services.AddAkka(NodeSettings.SystemName, (akka, services) =>
        {
            akka.AddMetaMapNode(worker.Node);
            AddBlobHolder(akka, services);
            RunRegion.Reach(akka);
            akka.AddWorkerActors(services);
        });
        return builder.Build();
    }

    /// <summary>Starts a node.</summary>
    /// <exception cref="ConfigurationException">Another process has taken its port of the cluster meanwhile.</exception>
    public static async Task StartNode(this IHost host, NodeSettings node, CancellationToken cancellation)
    {
        try
        {
            await host.StartAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (Ports.IsInUse(error))
        {
            throw Ports.InUse(node.BindHost, node.Port, "cluster", "--port");
        }
    }

    /// <summary>Lets HTTP listen on the port of the settings, or on the next free one.</summary>
    private static void ListenForHttp(ConfigureWebHostBuilder webHost, CoordinatorSettings coordinator)
    {
        Socket listening = coordinator.HttpPort is { } port ? Ports.Listen(coordinator.HttpHost, port, "HTTP", "--http-port")
            : Ports.ListenOnNextFree(coordinator.HttpHost, CoordinatorSettings.DefaultHttpPort, "--http-port");
        webHost.UseSockets(sockets => sockets.CreateBoundListenSocket = _ => listening);
        webHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        webHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"{(coordinator.Node.Tls is null ? "http" : "https")}://{listening.LocalEndPoint}"));
    }

    /// <summary>Gives a leaving node enough time to finish its work and to leave.</summary>
    private static void AllowTime(IServiceCollection services, TimeSpan goodbye) =>
        services.Configure<HostOptions>(host => host.ShutdownTimeout = goodbye + TimeSpan.FromSeconds(30));

    /// <summary>Starts remoting just before Akka's own service does, which would print the whole stack of a port in use.</summary>
    private sealed class RemotingFirst(IServiceProvider services) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            _ = services.GetRequiredService<ActorSystem>();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private static void AddBlobHolder(AkkaConfigurationBuilder akka, IServiceProvider services) => akka.WithActors((system, _) =>
        system.ActorOf(BlobHolder.Props(services.GetRequiredService<BlobStore>()), BlobHolder.Name));
}
