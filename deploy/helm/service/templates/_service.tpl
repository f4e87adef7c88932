{{/* All that one service needs in a cluster. */}}
{{- define "muster.service" -}}
{{- $values := include "muster.values" . | fromYaml -}}
{{- include "muster.migrate" (dict "root" . "values" $values) }}
---
{{ include "muster.deployment" (dict "root" . "values" $values "process" "web" "replicas" $values.replicas) }}
{{- if gt (int $values.worker.replicas) 0 }}
---
{{ include "muster.deployment" (dict "root" . "values" $values "process" "worker" "replicas" $values.worker.replicas) }}
{{- end }}
{{- if $values.global.serviceTokens.issuer }}
---
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ .Chart.Name }}
  labels: {{- include "muster.labels" . | nindent 4 }}
automountServiceAccountToken: false
{{- end }}
---
apiVersion: v1
kind: Service
metadata:
  name: {{ .Chart.Name }}
  labels: {{- include "muster.labels" . | nindent 4 }}
spec:
  selector: {{- include "muster.selector" . | nindent 4 }}
    app.kubernetes.io/component: web
  ports: [{name: http, port: 8000, targetPort: http}]
{{- if gt (int $values.replicas) 1 }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ .Chart.Name }}
  labels: {{- include "muster.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  selector:
    matchLabels: {{- include "muster.selector" . | nindent 6 }}
      app.kubernetes.io/component: web
{{- end }}
{{- if $values.networkPolicy }}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ .Chart.Name }}
  labels: {{- include "muster.labels" . | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{- include "muster.selector" . | nindent 6 }}
  policyTypes: [Ingress]
  ingress: # of the platform itself, and Prometheus from a namespace with this label
  - from:
    - podSelector: {matchLabels: {app.kubernetes.io/part-of: muster}}
    - namespaceSelector: {matchLabels: {muster.example/monitoring: "true"}}
    ports: [{port: 8000}]
{{- end }}
{{- end }}

{{- define "muster.deployment" -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .root.Chart.Name }}{{ if eq .process "worker" }}-worker{{ end }}
  labels: {{- include "muster.labels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .process }}
spec:
  replicas: {{ .replicas }}
  selector:
    matchLabels: {{- include "muster.selector" .root | nindent 6 }}
      app.kubernetes.io/component: {{ .process }}
  strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
  template:
    metadata:
      labels: {{- include "muster.labels" .root | nindent 8 }}
        app.kubernetes.io/component: {{ .process }}
      {{- $annotations := merge (dict "prometheus.io/scrape" "true" "prometheus.io/port" "8000" "prometheus.io/path" "/metrics") .values.podAnnotations }}
      {{- with $annotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec: {{- include "muster.pod" . | nindent 6 }}
{{- end }}

{{/* Before pods of a new version come, the database has its schema; an older version still runs on it. */}}
{{- define "muster.migrate" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ .root.Chart.Name }}-migrate
  labels: {{- include "muster.labels" .root | nindent 4 }}
    app.kubernetes.io/component: migrate
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  backoffLimit: 3
  activeDeadlineSeconds: 600
  template:
    metadata:
      labels: {{- include "muster.labels" .root | nindent 8 }}
        app.kubernetes.io/component: migrate
    spec: {{- include "muster.pod" (dict "root" .root "values" .values "process" "migrate") | nindent 6 }}
{{- end }}
