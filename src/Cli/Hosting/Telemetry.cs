using MetaMap.Shared.Hosting;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Resources;

namespace MetaMap.Cli.Hosting;

/// <summary>Sends spans and numbers to an OpenTelemetry collector, where its usual environment variable names one.</summary>
internal static class Telemetry
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string HttpSource = "Microsoft.AspNetCore";

    /// <summary>Adds it to a node.</summary>
    /// <param name="services">The services.</param>
    /// <param name="role">Coordinator or worker.</param>
    public static IServiceCollection AddTelemetry(this IServiceCollection services, string role)
    {
        if (Environment.GetEnvironmentVariable(EndpointVariable) is { Length: > 0 })
        {
            services.AddOpenTelemetry()
                .ConfigureResource(resource => resource.AddService($"metamap-{role}"))
                .WithTracing(spans => spans.AddSource(Tracing.Name, HttpSource))
                .WithMetrics(numbers => numbers.AddMeter(Tracing.Name))
                .UseOtlpExporter();
        }

        return services;
    }
}
