# A coordinator: samples episodes, owns the meta-parameters, serves HTTP. It computes nothing, so neither libtorch nor TorchSharp is inside.
#   docker build -f docker/coordinator.Dockerfile -t metamap-coordinator .
#   docker run --rm -p 127.0.0.1:8080:8080 metamap-coordinator
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
# What packages follow from, and nothing else: a change of code takes the next two layers from the cache.
COPY global.json Directory.Build.props Directory.Packages.props src/*/*.csproj ./
RUN --mount=type=cache,id=metamap-nuget,target=/root/.nuget/packages,sharing=locked \
    for project in *.csproj; do mkdir -p "src/${project%.csproj}" && mv "$project" "src/${project%.csproj}/" || exit 1; done \
    && dotnet restore src/Cli/Cli.csproj --os linux -p:TorchBackend=none
COPY BannedSymbols.txt .editorconfig ./
COPY src/ src/
# Restores nothing again, unless the cache of packages was emptied. Continuous integration has analysed the code.
RUN --mount=type=cache,id=metamap-nuget,target=/root/.nuget/packages,sharing=locked \
    dotnet publish src/Cli/Cli.csproj -c Release --os linux --no-self-contained -p:TorchBackend=none \
    -p:RunAnalyzers=false -p:PublishDocumentationFiles=false --disable-build-servers -o /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0
# What the node writes; a new volume takes over the owner. /tmp is the only other place.
RUN mkdir /runs /cache /data && chown "$APP_UID:$APP_UID" /runs /cache
COPY --from=build /app /app
COPY docker/metamap /usr/local/bin/metamap
VOLUME /runs /cache
# 4053: the cluster. 8080: HTTP.
EXPOSE 4053 8080
USER $APP_UID
WORKDIR /tmp
# As ./metamap sets it: the garbage collector stops the node less often.
ENV DOTNET_GCgen0size=0x2000000 METAMAP_CACHE=/cache
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=10s --retries=3 --start-period=60s CMD ["metamap", "health"]
ENTRYPOINT ["metamap"]
# Reached by what docker run -p publishes and by workers that know it as "coordinator"; its network is the boundary.
CMD ["coordinator", "--host", "0.0.0.0", "--advertise", "coordinator", "--http-host", "0.0.0.0", "--insecure", "--runs", "/runs", "--data", "/data"]
LABEL org.opencontainers.image.title="MetaMap coordinator" \
      org.opencontainers.image.description="Samples episodes, owns the meta-parameters of runs, and serves HTTP." \
      org.opencontainers.image.base.name="mcr.microsoft.com/dotnet/aspnet:10.0"
