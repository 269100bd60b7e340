using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Akka.Hosting;
using MetaMap.Coordinator;
using MetaMap.Coordinator.Hosting;
using MetaMap.Coordinator.Http;
using MetaMap.Core;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Worker;
using MetaMap.Worker.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MetaMap.Cli.Hosting;

/// <summary>Builds the hosts of nodes: a coordinator with HTTP (and, for local training, a worker in the same process), or a worker.</summary>
internal static class NodeHosts
{
    /// <summary>A coordinator; with <paramref name="worker"/> its node computes, too.</summary>
    /// <exception cref="ConfigurationException">A port is in use.</exception>
    public static WebApplication Coordinator(CoordinatorSettings coordinator, WorkerSettings? worker, LogLevel logLevel)
    {
        RequireFreePort(coordinator.Node.BindHost, coordinator.Node.Port, "cluster", "--port");
        int httpPort = HttpPort(coordinator);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        Log(builder.Logging, logLevel);
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://{coordinator.HttpHost}:{httpPort}"));
        builder.Services.AddCoordinator(coordinator);
        if (worker is not null)
        {
            builder.Services.AddWorker(worker);
        }

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

    /// <summary>A worker.</summary>
    /// <exception cref="ConfigurationException">The port is in use.</exception>
    public static IHost Worker(WorkerSettings worker, LogLevel logLevel)
    {
        RequireFreePort(worker.Node.BindHost, worker.Node.Port, "cluster", "--port");
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        Log(builder.Logging, logLevel);
        builder.Services.AddWorker(worker);
        builder.Services.AddAkka(NodeSettings.SystemName, (akka, services) =>
        {
            akka.AddMetaMapNode(worker.Node);
            AddBlobHolder(akka, services);
            RunRegion.Reach(akka);
            akka.AddWorkerActors(services);
        });
        return builder.Build();
    }

    /// <summary>The first free TCP port from <paramref name="first"/> on.</summary>
    public static int NextFreePort(string host, int first)
    {
        for (int port = first; port < first + 100 && port <= IPEndPoint.MaxPort; port++)
        {
            if (IsFree(host, port))
            {
                return port;
            }
        }

        throw new ConfigurationException($"No port from {first} to {first + 99} is free on {host}; name another with --http-port.");
    }

    private static int HttpPort(CoordinatorSettings coordinator)
    {
        if (coordinator.HttpNextFreePort)
        {
            RequirePort(coordinator.HttpPort, "--http-port");
            return NextFreePort(coordinator.HttpHost, coordinator.HttpPort);
        }

        RequireFreePort(coordinator.HttpHost, coordinator.HttpPort, "HTTP", "--http-port");
        return coordinator.HttpPort;
    }

    private static void RequireFreePort(string host, int port, string purpose, string option)
    {
        RequirePort(port, option);
        if (port != 0 && !IsFree(host, port))
        {
            throw new ConfigurationException($"Port {port} on {host} is in use, so the {purpose} interface cannot listen there; name another with {option}.");
        }
    }

    private static void RequirePort(int port, string option)
    {
        if (port is < 0 or > IPEndPoint.MaxPort)
        {
            throw new ConfigurationException($"{option} is {port}, but a port is a number from 1 to {IPEndPoint.MaxPort}.");
        }
    }

    private static bool IsFree(string host, int port)
    {
        IPAddress address = IPAddress.TryParse(host, out IPAddress? parsed) ? parsed : IPAddress.Any;
        try
        {
            using TcpListener listener = new(address, port);
            listener.Start();
            return true;
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressNotAvailable)
        {
            throw new ConfigurationException($"{host} is not an address of this machine; give one that is, or 0.0.0.0 for all.", error);
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static void AddBlobHolder(AkkaConfigurationBuilder akka, IServiceProvider services) => akka.WithActors((system, _) =>
        system.ActorOf(BlobHolder.Props(services.GetRequiredService<BlobStore>()), BlobHolder.Name));

    private static void Log(ILoggingBuilder logging, LogLevel level)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(level);
        logging.AddFilter("Microsoft", LogLevel.Warning);
    }
}
