{{/* Everything that can be set, with its default; a chart's own values and the release's go before it. */}}
{{- define "muster.defaults" -}}
replicas: 2
worker:
  replicas: 0 # 0: the web processes do the work of workers, too
secret: "" # the Secret with the keys below; muster-NAME by default
secretKeys: [database-url, nats-password, service-secret]
environment: {} # further variables, by their names without MUSTER_
resources:
  requests: {cpu: 100m, memory: 160Mi}
  limits: {memory: 384Mi}
podAnnotations: {}
pod: {} # further fields of the pod: nodeSelector, tolerations, affinity, priorityClassName
networkPolicy: true
global:
  image: {registry: "", repository: muster, tag: "", pullPolicy: IfNotPresent, pullSecrets: []}
  publicUrl: "" # the gateway's address as clients see it
  natsUrl: nats://nats:4222
  streamReplicas: 3
  otlpUrl: ""
  objects: {url: "", endpoint: "", publicEndpoint: "", region: us-east-1} # url: s3://bucket/prefix
  serviceTokens: {issuer: "", audience: muster} # the cluster's issuer: services then sign in with their pods' tokens
  traceRatio: 0.1
  logLevel: info
{{- end }}

{{/* The values in force, as YAML. */}}
{{- define "muster.values" -}}
{{- mergeOverwrite (include "muster.defaults" . | fromYaml) (deepCopy .Values.AsMap) | toYaml }}
{{- end }}

{{- define "muster.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "muster.labels" -}}
{{ include "muster.selector" . }}
app.kubernetes.io/part-of: muster
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* An image of ours: (dict "name" NAME "values" VALUES "version" VERSION). */}}
{{- define "muster.image" -}}
{{- $image := .values.global.image -}}
{{ with $image.registry }}{{ . }}/{{ end }}{{ $image.repository }}/{{ .name }}:{{ $image.tag | default .version }}
{{- end }}

{{- define "muster.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "muster.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}
